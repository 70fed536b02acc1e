import { startTestApp, type TestApp } from '../support/app.js';
import { Client, openDatabase } from '../support/client.js';

/** The version of the stored data, and what a program does with others. */
describe('the version of the stored data', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await startTestApp();
    await new Client(app.url).get('/api/users/alice');
  });
  afterEach(() => app.destroy().catch(() => undefined));

  interface Version {
    _id: string;
    version: number;
  }

  async function changed(version: number | undefined): Promise<() => Promise<Version | null>> {
    const { connection, close } = await openDatabase(app);
    const versions = connection.collection<Version>('schema_versions');
    if (version === undefined) await versions.deleteMany({});
    else await versions.updateOne({ _id: 'database' }, { $set: { version } });
    await app.stop();
    return async () => {
      const found = await versions.findOne({ _id: 'database' });
      await close();
      return found;
    };
  }

  it.each([
    ['has no version yet, as of early programs', undefined],
    ['has an older one', 0],
  ])('is noted in a database that %s, which then works as before', async (_, before) => {
    const stored = await changed(before);
    const again = await startTestApp(app.env);
    const user = await new Client(again.url).get('/api/users/alice');
    await again.stop();
    expect(user.status).toBe(200);
    expect(await stored()).toEqual({ _id: 'database', version: 1 });
  });

  it('that is newer than the program refuses the start with a sentence, and stays', async () => {
    const stored = await changed(7);
    await expect(startTestApp(app.env)).rejects.toMatchObject({
      name: 'StartError',
      setting: 'MONGODB_DATABASE',
      message: expect.stringMatching(/written by a newer version.*version 7.*knows 1.*backup/),
    });
    expect(await stored()).toEqual({ _id: 'database', version: 7 });
  });
});

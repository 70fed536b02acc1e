import { once } from 'node:events';

import { cleanUp, clientOf, newDirectory, numbersOf, runCli, startCli, untilEnded } from './support.js';

afterEach(cleanUp);

describe('the command line', () => {
  it('prints the URI of an engine and stops it on Ctrl-C', async () => {
    const directory = await newDirectory();
    const cli = await startCli('--dir', directory);
    const client = clientOf(cli);
    await numbersOf(client).insertOne({ _id: 1 });
    await client.close();

    cli.process.kill('SIGINT');

    expect(await once(cli.process, 'exit')).toEqual([0, null]);
    await untilEnded(directory);
  });

  it('explains itself', async () => {
    expect(await runCli('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('Usage:') });
  });

  it.each([[[]], [['--dir']], [['--dir', 'x', '--port', '1']], [['--dir', 'x', '--linger', 'soon']]])(
    'rejects %j with its usage',
    async (args) => {
      expect(await runCli(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining('Usage:') });
    },
  );
});

import { Clock } from '../../src/common/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer, type Created } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';

/** Somebody who is logged in with a browser. */
export interface Person {
  id: string;
  email: string;
  /** The cookie, as a browser sends it. */
  headers: { cookie: string };
  client: Client;
}

export const PASSWORD = 'correct horse battery staple';
export const ADMIN = 'root@company.com';

/** The secret of a link. */
export const secretOf = (path: string): string => path.split('#')[1] ?? '';

/** The cookie that a response sets, as a browser sends it back. */
export function cookieOf({ headers }: Answer): string {
  const [cookie = ''] = headers.getSetCookie();
  return cookie.split(';')[0] ?? '';
}

/** A server with accounts, its administrator, and a model that says what a test wants. */
export class AccountStage {
  /** What the server's clock is ahead, ms. */
  private ahead = 0;

  private constructor(
    readonly model: ScriptedModel,
    readonly app: TestApp,
  ) {
    app.nest.get(Clock).now = () => Date.now() + this.ahead;
  }

  static async start(env: Record<string, string> = {}): Promise<AccountStage> {
    const model = await ScriptedModel.start();
    const app = await startTestApp({
      ...model.env,
      AUTH_MODE: 'accounts',
      RATE_LIMIT_PER_MINUTE: '0',
      LOGIN_ATTEMPTS_PER_ADDRESS: '0',
      STREAM_HEARTBEAT_MS: '100',
      STREAM_RETRY_MS: '20',
      ...env,
    });
    return new AccountStage(model, app);
  }

  get client(): Client {
    return new Client(this.app.url);
  }

  async stop(): Promise<void> {
    await this.app.destroy();
    await this.model.stop();
  }

  /** Time passes. */
  pass(ms: number): void {
    this.ahead += ms;
  }

  /** The link that the console shows. */
  async setUpLink(): Promise<string> {
    return secretOf((await this.app.setUpLink()) ?? '');
  }

  use = (link: string, joining: object, headers = {}): Promise<Answer> =>
    this.client.post('/api/auth/links/use', { link, password: PASSWORD, ...joining }, headers);

  login = (email: string, password = PASSWORD, headers = {}): Promise<Answer> =>
    this.client.post('/api/auth/login', { email, password }, headers);

  tokens = (email: string, password = PASSWORD): Promise<Answer> =>
    this.client.post('/api/v1/auth/login', { email, password });

  async setUp(): Promise<Person> {
    return this.person(await this.use(await this.setUpLink(), { email: ADMIN, name: 'Root' }));
  }

  /** @returns the secret of the link. */
  async invite(admin: Person, email: string, role = 'user'): Promise<string> {
    const { body } = await admin.client.post('/api/invitations', { email, role });
    return secretOf(body.path);
  }

  /** Somebody new. */
  async join(admin: Person, email: string, role = 'user'): Promise<Person> {
    return this.person(await this.use(await this.invite(admin, email, role), { name: email }));
  }

  /** Another browser of the same person. */
  async again(email: string, password = PASSWORD): Promise<Person> {
    return this.person(await this.login(email, password));
  }

  person(answer: Answer): Person {
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status}: ${JSON.stringify(answer.body)}`);
    const headers = { cookie: cookieOf(answer) };
    const { user_id: id, email } = answer.body;
    return { id, email, headers, client: new Client(this.app.url, headers) };
  }

  /** Asks in a new chat. */
  async ask({ id, client }: Person, content: string): Promise<Created & { chat_id: string }> {
    const chat_id = await client.newChat(id);
    return { ...(await client.send(chat_id, content)), chat_id };
  }
}

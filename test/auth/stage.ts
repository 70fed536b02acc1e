import { startTestApp, type TestApp } from '../support/app.js';
import type { Created } from '../support/client.js';
import { Client, type Answer } from '../support/client.js';
import { ScriptedModel } from '../support/scripted-model.js';
import { sharedToken, type TokenOptions } from './identity-provider.js';

export const SECRET = 'a secret of more than 32 characters, for tests';

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

/** A server that knows its users, and a model that says what a test wants. */
export class AuthStage {
  private constructor(
    readonly model: ScriptedModel,
    readonly app: TestApp,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<AuthStage> {
    const model = await ScriptedModel.start();
    const app = await startTestApp({
      ...model.env,
      AUTH_MODE: 'jwt',
      AUTH_JWT_SECRET: SECRET,
      AUTH_CLOCK_TOLERANCE_S: '0',
      RATE_LIMIT_PER_MINUTE: '0',
      STREAM_HEARTBEAT_MS: '100',
      STREAM_RETRY_MS: '20',
      ...env,
    });
    return new AuthStage(model, app);
  }

  get client(): Client {
    return new Client(this.app.url);
  }

  async stop(): Promise<void> {
    await this.app.destroy();
    await this.model.stop();
  }

  /** Headers of a user. */
  async as(sub: string, options?: TokenOptions): Promise<Record<string, string>> {
    return bearer(await sharedToken(SECRET, sub, options));
  }

  /** Asks in a new chat of the user. */
  async ask(
    user: string,
    headers: Record<string, string>,
    content: string,
  ): Promise<Created & { chat_id: string }> {
    const { body: chat } = await this.client.post(`/api/users/${user}/chats`, {}, headers);
    const { body } = await this.client.post(`/api/chats/${chat.chat_id}/messages`, { content }, headers);
    return { ...body, chat_id: chat.chat_id };
  }
}

export const codeOf = ({ status, body }: Answer): [number, string] => [status, body.code];

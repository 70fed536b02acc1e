import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

/** What the provider knows about somebody; the key is what they log in with. */
export type People = Record<string, Record<string, unknown>>;

/** A real OpenID provider (`oidc-provider`), whose pages for logging in ask for a name and any password. */
export class OpenIdServer {
  /** Cookies of the browser at the provider. */
  private readonly jar = new Map<string, string>();

  private constructor(
    private readonly server: Server,
    readonly issuer: string,
  ) {}

  static async start(people: People, redirectUri: string): Promise<OpenIdServer> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: 'reprise',
          client_secret: 'the secret of reprise',
          redirect_uris: [redirectUri],
          token_endpoint_auth_method: 'client_secret_post',
        },
      ],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
      features: { devInteractions: { enabled: true } },
      pkce: { required: () => true },
      cookies: { keys: ['a key of the tests'] },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    });
    const answer = provider.callback();
    server.on('request', (request, response) => void answer(request, response));
    return new OpenIdServer(server, issuer);
  }

  /** Logs in as a person does, and agrees. @returns the address to which the provider sends the browser back. */
  async logIn(url: string, name: string): Promise<string> {
    this.jar.clear();
    let next = url;
    for (let step = 0; step < 12; step++) {
      if (!next.startsWith(this.issuer)) return next;
      const prompt = /\/interaction\/[^/]+$/.test(next) ? await this.promptOf(next) : undefined;
      const body =
        prompt === undefined ? undefined : new URLSearchParams({ prompt, login: name, password: 'any' });
      const answer = await this.fetch(next, body);
      next = new URL(answer.headers.get('location') ?? '', next).href;
    }
    throw new Error(`The provider sends the browser around: ${next}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async promptOf(page: string): Promise<string> {
    const text = await (await this.fetch(page)).text();
    return /name="prompt" value="(\w+)"/.exec(text)?.[1] ?? '';
  }

  private async fetch(url: string, body?: URLSearchParams): Promise<Response> {
    const cookie = [...this.jar].map((pair) => pair.join('=')).join('; ');
    const init = { redirect: 'manual', headers: { cookie } } as const;
    const answer = await fetch(url, body ? { ...init, method: 'POST', body } : init);
    for (const one of answer.headers.getSetCookie()) {
      const [name = '', ...value] = (one.split(';')[0] ?? '').split('=');
      if (value.join('=') === '') this.jar.delete(name);
      else this.jar.set(name, value.join('='));
    }
    return answer;
  }
}

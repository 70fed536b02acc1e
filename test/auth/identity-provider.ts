import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What differs from a good token. */
export interface TokenOptions {
  /** Seconds from now; `null`: no `exp`. Default: an hour. */
  expiresIn?: number | null;
  claims?: Record<string, unknown>;
  header?: Record<string, unknown>;
  issuer?: string;
  audience?: string;
}

export const ISSUER = 'https://login.example';
export const AUDIENCE = 'reprise';

/** Puts a token together; `sign` adds header and signature. */
export function newToken(sub: string | null, options: TokenOptions = {}): SignJWT {
  const { expiresIn = 3600, claims = {}, issuer = ISSUER, audience = AUDIENCE } = options;
  const token = new SignJWT({ ...claims }).setIssuer(issuer).setAudience(audience).setIssuedAt();
  if (sub !== null) token.setSubject(sub);
  if (expiresIn !== null) token.setExpirationTime(Math.floor(Date.now() / 1000) + expiresIn);
  return token;
}

/** A token signed with a shared secret. */
export function sharedToken(secret: string, sub: string | null, options: TokenOptions = {}): Promise<string> {
  return newToken(sub, options)
    .setProtectedHeader({ alg: 'HS256', ...options.header })
    .sign(new TextEncoder().encode(secret));
}

/** A token that nobody signed, or whose signature is something else. */
export function unsignedToken(sub: string, header: object, signature = ''): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const exp = Math.floor(Date.now() / 1000) + 3600;
  return `${part(header)}.${part({ sub, exp, iss: ISSUER, aud: AUDIENCE })}.${signature}`;
}

interface Key {
  kid: string;
  alg: string;
  privateKey: CryptoKey;
  publicJwk: JWK;
}

/** A real identity provider, as far as its keys go. */
export class IdentityProviderServer {
  /** Times its keys were read. */
  asked = 0;
  keys: Key[] = [];
  /** What happens to those who ask for the keys. */
  mood: 'well' | 'failing' | 'silent' | 'rubbish' = 'well';
  private readonly held = new Set<ServerResponse>();

  private constructor(private readonly server: Server) {
    server.on('request', (_: IncomingMessage, response: ServerResponse) => {
      this.answer(response);
    });
  }

  static async start(): Promise<IdentityProviderServer> {
    const provider = new IdentityProviderServer(createServer());
    await once(provider.server.listen(0, '127.0.0.1'), 'listening');
    await provider.rotate();
    return provider;
  }

  get env(): Record<string, string> {
    return {
      AUTH_MODE: 'jwt',
      AUTH_JWKS_URL: `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/jwks.json`,
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: AUDIENCE,
      AUTH_JWKS_COOLDOWN_MS: '1',
      AUTH_JWKS_TIMEOUT_MS: '300',
    };
  }

  /** From now on there is a new key, and the old ones are gone. */
  async rotate(alg = 'RS256'): Promise<void> {
    this.keys = [];
    await this.addKey(alg);
  }

  async addKey(alg: string): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
    const kid = `key-${alg}-${Math.random()}`;
    this.keys.push({
      kid,
      alg,
      privateKey,
      publicJwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    });
  }

  /** A token signed with the newest key. */
  token(sub: string | null, options: TokenOptions = {}): Promise<string> {
    const { kid, alg, privateKey } = this.keys.at(-1)!;
    return newToken(sub, options)
      .setProtectedHeader({ alg, kid, ...options.header })
      .sign(privateKey);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private answer(response: ServerResponse): void {
    this.asked++;
    if (this.mood === 'silent') this.held.add(response);
    else if (this.mood === 'failing') response.writeHead(500).end();
    else if (this.mood === 'rubbish') response.end('<html>');
    else response.end(JSON.stringify({ keys: this.keys.map(({ publicJwk }) => publicJwk) }));
  }
}

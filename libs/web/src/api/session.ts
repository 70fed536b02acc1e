import { RepriseClient, RepriseError } from '@reprise/client';

/** Who visits: `anybody` if the server asks nobody, `unknown` if it did not answer. */
export type Visitor =
  | { readonly kind: 'anybody' | 'nobody' }
  | {
      readonly kind: 'user';
      readonly userId: string;
      readonly isAdmin: boolean;
      readonly authMode: string;
      /** Of an account of the server; missing if somebody else keeps the accounts. */
      readonly account?: { readonly name: string; readonly email: string };
    }
  | { readonly kind: 'unknown'; readonly error: unknown };

const PATIENCE_MS = 15_000;

/** The server puts it into the page if it knows its users. */
const mark = document.querySelector<HTMLMetaElement>('meta[name="reprise-login"]');

/** Where to log in; `null` if the server does not say. */
export const loginUrl: string | null = mark?.content || null;

/** Whether people log in here, with a password. */
export const hasAccounts: boolean = mark?.dataset['mode'] === 'accounts';

/** What the OpenID provider is called with which people can log in; `null`: there is none. */
export const provider: string | null = mark?.dataset['provider'] ?? null;

/** Asked once, before anything else: what this browser stores belongs to a user. */
export const visitor: Visitor = mark ? await whoIsIt() : { kind: 'anybody' };

async function whoIsIt(): Promise<Visitor> {
  try {
    const session = await new RepriseClient({ timeoutMs: PATIENCE_MS }).getSession();
    const { user_id: userId, is_admin: isAdmin, auth_mode: authMode, name, email } = session;
    if (userId === null) return { kind: 'anybody' };
    const account = name && email ? { account: { name, email } } : {};
    return { kind: 'user', userId, isAdmin, authMode, ...account };
  } catch (error) {
    const isNobody = error instanceof RepriseError && error.status === 401;
    return isNobody ? { kind: 'nobody' } : { kind: 'unknown', error };
  }
}

/** Whether the visitor administers the tenant. A server that asks nobody lets everybody do so. */
export const isAdmin: boolean = visitor.kind === 'anybody' || (visitor.kind === 'user' && visitor.isAdmin);

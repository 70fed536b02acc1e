import { RepriseError, type FieldError, type Page } from '@reprise/client';
import {
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { visitor } from './session.js';

/** A person is waiting: after this long the page says that the server did not answer. */
const PATIENCE_MS = 15_000;

/** An account, as administrators see it. */
export interface Account {
  user_id: string;
  email: string;
  name: string;
  role: 'user' | 'admin';
  is_disabled: boolean;
  has_password: boolean;
  created_at: string;
  last_login_at: string | null;
}

/** An invitation that nobody has used. */
export interface Invitation {
  invitation_id: string;
  email: string;
  role: 'user' | 'admin';
  expires_at: string;
}

/** What a link is good for. */
export interface LinkPurpose {
  kind: 'setup' | 'invitation' | 'reset';
  email: string | null;
}

/** A new link: what follows the server's address. */
export interface NewLink {
  path: string;
  expires_at: string;
}

/** A personal token. `token` is there only when it is new. */
export interface PersonalToken {
  token_id: string;
  name: string;
  scopes: string[];
  expires_at: string | null;
  last_used_at: string | null;
  token?: string;
}

const userId = visitor.kind === 'user' ? visitor.userId : '';
const TOKENS = `/api/users/${encodeURIComponent(userId)}/tokens`;

export const signIn = (body: { email: string; password: string }): Promise<void> =>
  send('POST', '/api/auth/login', body);

export const signOut = (everywhere = false): Promise<void> =>
  send('POST', everywhere ? '/api/auth/logout-everywhere' : '/api/auth/logout');

export const lookAtLink = (link: string): Promise<LinkPurpose> =>
  send('POST', '/api/auth/links/look', { link });

export const takeLink = (body: {
  link: string;
  password: string;
  email?: string;
  name?: string;
}): Promise<void> => send('POST', '/api/auth/links/use', body);

export const changePassword = (body: { current_password: string; new_password: string }): Promise<void> =>
  send('POST', '/api/auth/password', body);

export function useTokens(): UseQueryResult<PersonalToken[]> {
  return useList(['tokens'], async () => (await send<{ items: PersonalToken[] }>('GET', TOKENS)).items);
}

/** What somebody wants of a new token; `null`: it does not expire. */
export interface TokenWish {
  name: string;
  scopes: string[];
  expires_in_days: number | null;
}

export function useCreateToken(): UseMutationResult<PersonalToken, Error, TokenWish> {
  return useChange(['tokens'], (wish) => send('POST', TOKENS, wish));
}

export function useWithdrawToken(): UseMutationResult<void, Error, string> {
  return useChange(['tokens'], (id) => send('DELETE', `${TOKENS}/${id}`));
}

export function useAccounts(page: number): UseQueryResult<Page<Account>> {
  return useList(['accounts', page], () => send('GET', `/api/accounts?page=${page}&page_size=50`));
}

export function useInvitations(): UseQueryResult<Invitation[]> {
  const read = (): Promise<{ items: Invitation[] }> => send('GET', '/api/invitations');
  return useList(['invitations'], async () => (await read()).items);
}

export function useInvite(): UseMutationResult<NewLink, Error, Pick<Invitation, 'email' | 'role'>> {
  return useChange(['invitations'], (who) => send('POST', '/api/invitations', who));
}

export function useWithdrawInvitation(): UseMutationResult<void, Error, string> {
  return useChange(['invitations'], (id) => send('DELETE', `/api/invitations/${id}`));
}

/** What an administrator changes about an account. */
export type AccountChange = { id: string } & Partial<Pick<Account, 'role' | 'is_disabled'>>;

export function useChangeAccount(): UseMutationResult<Account, Error, AccountChange> {
  return useChange(['accounts'], ({ id, ...changes }) => send('PATCH', account(id), changes));
}

export function useDeleteAccount(): UseMutationResult<void, Error, string> {
  return useChange(['accounts'], (id) => send('DELETE', account(id)));
}

export function useResetLink(): UseMutationResult<NewLink, Error, string> {
  return useChange(['accounts'], (id) => send('POST', `${account(id)}/reset-link`));
}

const account = (id: string): string => `/api/accounts/${encodeURIComponent(id)}`;

function useList<T>(queryKey: readonly unknown[], queryFn: () => Promise<T>): UseQueryResult<T> {
  return useQuery<T>({ queryKey, queryFn });
}

function useChange<T, V>(
  queryKey: readonly string[],
  mutationFn: (value: V) => Promise<T>,
): UseMutationResult<T, Error, V> {
  const queries = useQueryClient();
  return useMutation<T, Error, V>({
    mutationFn,
    onSettled: () => queries.invalidateQueries({ queryKey }),
  });
}

/** Not in the client library: only this page keeps accounts. */
async function send<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: AbortSignal.timeout(PATIENCE_MS),
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? undefined : await response.json()) as T;
}

interface Problem {
  detail?: string;
  code?: string;
  retryable?: boolean;
  errors?: FieldError[];
}

async function problemOf(response: Response): Promise<RepriseError> {
  const problem = (await response.json().catch(() => ({}))) as Problem;
  return new RepriseError(problem.detail ?? `The server answered ${response.status}.`, {
    status: response.status,
    code: problem.code ?? 'http_error',
    retryable: problem.retryable ?? response.status >= 500,
    errors: problem.errors ?? [],
  });
}

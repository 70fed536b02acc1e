/** Everything that the audit log knows of. The names are stable: programs filter by them. */
export const AUDIT_ACTIONS = [
  'login',
  'login_failed',
  'logout',
  'invited',
  'joined',
  'role_changed',
  'password_changed',
  'password_reset',
  'account_disabled',
  'account_enabled',
  'token_created',
  'token_withdrawn',
  'approval_decided',
  'user_erased',
  'user_exported',
  'admin_viewed',
  'settings_changed',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What is done again and again: within a minute it is counted in one entry, so that nobody can flood the log. */
export const COUNTED_ACTIONS: ReadonlySet<AuditAction> = new Set(['login_failed', 'admin_viewed']);

/**
 * Kinds of things that something is done to. Persons are none of them: they have a field of their own, because they can
 * be erased.
 */
export const AUDIT_OBJECTS = [
  'agent',
  'chat',
  'file',
  'invitation',
  'list',
  'message',
  'session',
  'setting',
  'token',
] as const;
export type AuditObject = (typeof AUDIT_OBJECTS)[number];

/** Where a mail server is, and how to log in. */
export interface MailServer {
  host: string;
  port: number;
  /** TLS from the first byte; otherwise STARTTLS. */
  secure: boolean;
  login: { user: string; pass: string } | undefined;
  /** On this machine, where a password may travel as it is. */
  local: boolean;
}

const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465, 'imap:': 143, 'imaps:': 993 };
const LOCAL = /^(localhost|127(\.\d+){3}|\[?::1\]?)$/;

/** Reads `smtps://user:password@host:465`. */
export function mailServer(text: string): MailServer {
  const { protocol, hostname, port, username, password } = new URL(text);
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (PORTS[protocol] ?? 0) : Number(port),
    secure: protocol.endsWith('s:'),
    login:
      username === ''
        ? undefined
        : { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    local: LOCAL.test(hostname),
  };
}

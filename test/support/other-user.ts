import { execFileSync } from 'node:child_process';

/** Whom to run a server as that refuses to be root; nothing if this process is not root. */
export interface OtherUser {
  uid?: number;
  gid?: number;
}

export function otherUser(): OtherUser {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'nobody']).toString());
  return { uid: id('-u'), gid: id('-g') };
}

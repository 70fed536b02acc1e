import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { otherUser, type OtherUser } from './other-user.js';
import { freePort } from './server-process.js';
import { tool } from './tools.js';
import { until } from './until.js';

/** A real IMAP server with one mailbox of files in a temporary folder. */
export class DovecotProcess {
  static readonly PASSWORD = 'pw-0123456789';
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly user: OtherUser,
  ) {}

  /** @throws Error that says how to get it when this machine has no Dovecot 2.3. */
  static async start(): Promise<DovecotProcess> {
    const program = tool('dovecot');
    const version = execFileSync(program, ['--version']).toString();
    if (!version.startsWith('2.3.'))
      throw new Error(`This test configures Dovecot 2.3, and this is ${version.trim()}.`);
    const folder = mkdtempSync(path.join(os.tmpdir(), 'reprise-dovecot-'));
    const dovecot = new DovecotProcess(folder, await freePort(), otherUser());
    await dovecot.run(program);
    return dovecot;
  }

  url(password = DovecotProcess.PASSWORD): string {
    return `imap://ann:${password}@127.0.0.1:${this.port}`;
  }

  /** Puts an e-mail into a folder: `''` is the inbox, `.Sent` one of the others. */
  deliver(folder: string, name: string, source: string): void {
    const place = path.join(this.folder, 'mail', folder);
    for (const part of ['', 'cur', 'new', 'tmp']) this.own(path.join(place, part), 'folder');
    const file = path.join(place, 'new', name);
    writeFileSync(file, source.replaceAll('\n', '\r\n'));
    this.own(file);
  }

  /** Names of the files of a folder: they say which e-mails were seen. */
  files(folder = ''): string[] {
    return ['cur', 'new'].flatMap((part) =>
      readdirSync(path.join(this.folder, 'mail', folder, part)).map((name) => `${part}/${name}`),
    );
  }

  async stop(): Promise<void> {
    if (this.child?.exitCode === null) {
      this.child.kill('SIGTERM');
      await once(this.child, 'close');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private own(file: string, kind?: 'folder'): void {
    if (kind === 'folder') mkdirSync(file, { recursive: true });
    if (this.user.uid !== undefined) chownSync(file, this.user.uid, this.user.gid ?? 0);
  }

  private async run(program: string): Promise<void> {
    for (const place of [this.folder, path.join(this.folder, 'mail'), path.join(this.folder, 'run')])
      this.own(place, 'folder');
    const config = path.join(this.folder, 'dovecot.conf');
    writeFileSync(config, this.config());
    this.own(config);
    this.child = spawn(program, ['-F', '-c', config], { ...this.user, cwd: this.folder, stdio: 'ignore' });
    await until('Dovecot listens', () => this.listens());
  }

  private async listens(): Promise<boolean> {
    const socket = net.connect(this.port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return true;
    } catch {
      return false;
    } finally {
      socket.destroy();
    }
  }

  private config(): string {
    const names = (flag: string): string => {
      const ids = this.user.uid === undefined ? [] : ['nobody'];
      return execFileSync('id', [flag, ...ids])
        .toString()
        .trim();
    };
    const [user, group] = [names('-un'), names('-gn')];
    const service = (name: string, more = ''): string =>
      `service ${name} {\n  chroot =\n  user = ${user}\n  ${more}\n}`;
    return `
base_dir = ${this.folder}/run
log_path = ${this.folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = ${user}
default_internal_group = ${group}
default_login_user = ${user}
mail_location = maildir:${this.folder}/mail
first_valid_uid = 1
first_valid_gid = 0
namespace inbox {
  inbox = yes
  separator = /
  mailbox Sent {
    auto = create
    special_use = \\Sent
  }
  mailbox Papierkorb {
    special_use = \\Trash
  }
}
passdb {
  driver = static
  args = password=${DovecotProcess.PASSWORD}
}
userdb {
  driver = static
  args = uid=${user} gid=${group} home=${this.folder}/mail
}
${service('anvil')}
${service('imap-login', `inet_listener imap {\n    port = ${this.port}\n  }\n  inet_listener imaps {\n    port = 0\n  }`)}
${service('auth')}
${service('stats')}
`;
  }
}

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { otherUser, type OtherUser } from './other-user.js';
import { freePort } from './server-process.js';
import { tool } from './tools.js';
import { within } from './until.js';

/** A real PostgreSQL with a database of its own, in a temporary folder. */
export class PostgresProcess {
  static readonly PASSWORD = 'pw-0123456789';
  private child: ChildProcess | undefined;

  private constructor(
    private readonly folder: string,
    readonly port: number,
  ) {}

  /** @throws Error that says how to get it when this machine has no `postgres`. */
  static async start(): Promise<PostgresProcess> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'reprise-postgres-'));
    const user = otherUser(); // it refuses to run as root
    const secret = path.join(folder, 'password');
    writeFileSync(secret, PostgresProcess.PASSWORD);
    if (user.uid !== undefined) for (const file of [folder, secret]) chownSync(file, user.uid, user.gid ?? 0);
    const data = path.join(folder, 'data');
    const made = ['-D', data, '-U', 'owner', '-A', 'scram-sha-256', `--pwfile=${secret}`, '-E', 'UTF8'];
    execFileSync(tool('initdb'), [...made, '--locale=C', '--no-sync'], {
      ...user,
      cwd: folder,
      stdio: 'pipe',
    });
    const postgres = new PostgresProcess(folder, await freePort());
    await postgres.run(data, user);
    return postgres;
  }

  /** Address for a role; all have the same password. */
  url(role: string, password = PostgresProcess.PASSWORD): string {
    return `postgres://${role}:${password}@127.0.0.1:${this.port}/postgres`;
  }

  /** Runs SQL as the owner of everything. */
  async sql(text: string): Promise<pg.QueryResult> {
    const client = new pg.Client(this.url('owner'));
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    if (this.child?.exitCode === null) {
      this.child.kill('SIGQUIT'); // at once
      await once(this.child, 'close');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(data: string, user: OtherUser): Promise<void> {
    const options = ['-D', data, '-p', String(this.port), '-h', '127.0.0.1', '-k', '', '-F'];
    const child = spawn(tool('postgres'), options, {
      ...user,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    const ready = new Promise<void>((resolve) => {
      child.stderr.on('data', (chunk: Buffer) => {
        if (chunk.includes('ready to accept')) resolve();
      });
    });
    await within('PostgreSQL listens', ready, 30_000);
  }
}

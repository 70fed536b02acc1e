import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../support/server-process.js';
import { until } from '../support/until.js';
import { tool } from '../support/tools.js';

const CONFIGURATION = fileURLToPath(new URL('../../deploy/nginx/reprise.conf', import.meta.url));

/** A real nginx with `deploy/nginx/reprise.conf` unchanged, and its own two files beside it. */
export class Nginx {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  /**
   * @param ports of the api processes.
   * @param options `tls`: with HTTP/2 and a self-signed certificate.
   */
  static async start(ports: readonly number[], { tls = false } = {}): Promise<Nginx> {
    const program = tool('nginx');
    const folder = await mkdtemp(path.join(os.tmpdir(), 'reprise-nginx-'));
    await chmod(folder, 0o755); // its workers may run as another user
    const port = await freePort();
    const servers = ports.map((api) => `server 127.0.0.1:${api} max_fails=1 fail_timeout=1s;\n`);
    await copyFile(CONFIGURATION, path.join(folder, 'reprise.conf'));
    await writeFile(path.join(folder, 'upstream.conf'), servers.join(''));
    if (tls) await listenWithTls(folder, port);
    else await writeFile(path.join(folder, 'listen.conf'), `listen 127.0.0.1:${port};\n`);
    const flags = ['-p', folder, '-e', 'stderr', '-c', path.join(folder, 'reprise.conf')];
    const child = spawn(program, [...flags, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const nginx = new Nginx(child, folder, `${tls ? 'https' : 'http'}://127.0.0.1:${port}`);
    await until('nginx answers', async () => {
      if (child.exitCode !== null) throw new Error(`nginx ended:\n${said}`);
      return tls ? isListening(port) : isAlive(nginx.url);
    });
    return nginx;
  }

  /** Stops it at once and removes its folder. */
  async destroy(): Promise<void> {
    if (this.child.exitCode === null) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM'); // not -9: its workers exit with it
      await gone;
    }
    await rm(this.folder, { recursive: true, force: true });
  }
}

function isAlive(url: string): Promise<boolean> {
  return fetch(`${url}/health/live`).then(
    (response) => response.ok,
    () => false,
  );
}

function isListening(port: number): Promise<boolean> {
  const socket = net.connect(port, '127.0.0.1');
  return once(socket, 'connect').then(
    () => {
      socket.destroy();
      return true;
    },
    () => false,
  );
}

/** The line that `deploy/nginx/listen.conf` gives for it, on a free port. */
async function listenWithTls(folder: string, port: number): Promise<void> {
  const file = fileURLToPath(new URL('../../deploy/nginx/listen.conf', import.meta.url));
  const [line] = /listen 443 ssl http2;/.exec(await readFile(file, 'utf8')) ?? [''];
  const [key, certificate] = [path.join(folder, 'tls.key'), path.join(folder, 'tls.crt')];
  const files = `ssl_certificate ${certificate};\nssl_certificate_key ${key};\n`;
  await writeFile(path.join(folder, 'listen.conf'), `${line.replace('443', `127.0.0.1:${port}`)}\n${files}`);
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=127.0.0.1'];
  await promisify(execFile)('openssl', ['req', ...kind, '-keyout', key, '-out', certificate]);
}

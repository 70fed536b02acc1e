import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { cleanUpServers, enginesOf, freePort, newDataDir } from '../support/server-process.js';
import { until, within } from '../support/until.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LIMIT_MS = 60_000;

const started = new Set<ChildProcess>();

afterEach(async () => {
  for (const { pid } of started) if (pid) killGroup(pid);
  started.clear();
  await cleanUpServers();
});

interface Run {
  child: ChildProcess;
  /** Resolves when it has printed this. */
  printed: (text: string) => Promise<void>;
  output: () => string;
  stdout: () => string;
  /** Exit code, when the process and all that hold its output have ended. */
  closed: Promise<number | null>;
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): Run {
  const { PATH = '', HOME = '', XDG_CACHE_HOME } = process.env;
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { PATH, HOME, ...(XDG_CACHE_HOME && { XDG_CACHE_HOME }), LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // its own process group, so that nothing outlives a failed test
  });
  started.add(child);
  let output = '';
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const closed = once(child, 'close').then(([code]) => code as number | null);
  const printed = (text: string): Promise<void> =>
    within(
      `it prints "${text}"`,
      Promise.race([heard(text), closed.then(() => Promise.reject(new Error(output)))]),
      LIMIT_MS,
    );
  const heard = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      for (const stream of [child.stdout, child.stderr]) stream.on('data', look);
      look();
    });
  return { child, printed, output: () => output, stdout: () => stdout, closed };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Everything has ended.
  }
}

const answers = (port: number): Promise<boolean> =>
  fetch(`http://127.0.0.1:${port}/health/live`).then(
    ({ ok }) => ok,
    () => false,
  );

describe('npm start', () => {
  it('accepts arguments, which take precedence over settings', async () => {
    const [port, dataDir] = [await freePort(), await newDataDir()];
    const args = ['start', '--', '--port', String(port), `--data-dir=${dataDir}`];
    const server = run('npm', args, { PORT: '1', DATA_DIR: '/proc/x' });
    await server.printed('listens on');
    expect(await answers(port)).toBe(true);
    expect(await enginesOf(dataDir)).toHaveLength(1);
    server.child.kill('SIGTERM');
    await server.closed;
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGKILL'] as const)(
    'that is ended by %s leaves no server and no engine',
    async (signal) => {
      const [port, dataDir] = [await freePort(), await newDataDir()];
      const server = run('npm', ['start'], { PORT: String(port), DATA_DIR: dataDir });
      await server.printed('listens on');
      expect(await answers(port)).toBe(true);
      expect(await enginesOf(dataDir)).toHaveLength(1);

      server.child.kill(signal); // npm alone, not what it started
      await server.closed; // nobody holds its output any more

      expect(await answers(port)).toBe(false);
      await until('no engine is left', async () => (await enginesOf(dataDir)).length === 0);
    },
    LIMIT_MS,
  );
});

describe('a server without npm', () => {
  it('outlives the shell that started it, even if its variables mention npm', async () => {
    const [port, dataDir] = [await freePort(), await newDataDir()];
    const env = {
      PORT: String(port),
      DATA_DIR: dataDir,
      npm_lifecycle_event: 'background',
      npm_lifecycle_script: 'sh start-in-background.sh',
    };
    const shell = run('sh', ['-c', 'nohup node dist/main.js & echo started $!; read line < /dev/null'], env);
    await until('the shell has ended', () => shell.child.exitCode !== null);
    await shell.printed('listens on');
    const pid = Number(/started (\d+)/.exec(shell.output())?.[1]);
    process.kill(pid, 'SIGHUP'); // as of a terminal that is closed
    expect(await answers(port)).toBe(true);
    process.kill(pid, 'SIGTERM');
    await shell.closed;
    expect(await answers(port)).toBe(false);
  });
});

describe('a command that is called incorrectly', () => {
  const COMMANDS = [
    ['dist/main.js'],
    ['dist/demo/main.js'],
    ['dist/transfer/main.js', 'export'],
    ['dist/transfer/main.js', 'import'],
  ];
  const WRONG = [
    ['--prt', '9000'],
    ['--port'],
    ['--docs='],
    ['--nonsense=1'],
    ['-x'],
    ['--all', '--all=1'],
    ['--no-port'],
  ];

  it.each(
    COMMANDS.flatMap((command) =>
      WRONG.map((wrong) => [command.join(' '), wrong.join(' '), command, wrong] as const),
    ),
  )('%s %s: shows the usage and exits with 2', async (_name, _wrong, command, wrong) => {
    const called = run('node', [...command, ...wrong]);
    expect(await called.closed).toBe(2);
    expect(called.output()).toContain('Usage: npm');
    expect(called.output()).not.toContain('    at ');
    expect(called.stdout()).toBe('');
  });

  it('says for a stray argument that npm needs "--" before it', async () => {
    const called = run('node', ['dist/main.js', '9000']);
    expect(await called.closed).toBe(2);
    expect(called.output()).toContain('npm passes on only what follows "--"');
  });

  it.each(COMMANDS)('%s %s --help explains and exits with 0', async (...command) => {
    const called = run('node', [...command.filter(Boolean), '--help']);
    expect(await called.closed).toBe(0);
    expect(called.stdout()).toContain('Usage: npm');
  });
});

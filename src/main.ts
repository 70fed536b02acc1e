import type { RunningApp } from './app.js';
import { readStartArguments, USAGE, type StartArguments } from './main-arguments.js';
import { loadSettings, settingsSchema, similarNames, type Settings } from './platform/config/index.js';
import { isStartedByNpm, watchParent } from './platform/process/index.js';

/** Whatever else there is to close has this long after `SHUTDOWN_GRACE_MS`, then the process ends all the same. */
const CLOSE_LIMIT_MS = 5000;
/** Ctrl-C under npm arrives twice: from the terminal and from npm. Only a later one means "now". */
const SAME_SIGNAL_MS = 1000;

const parent = process.ppid;

/** The process: starts the application once, and ends it once. */
class ServerProcess {
  private app: RunningApp | undefined;
  private endingSince: number | undefined;

  async run({ settings: overrides, labels }: StartArguments): Promise<void> {
    const env = { ...process.env, ...overrides };
    try {
      const settings = loadSettings(env, labels);
      this.listenToSignals(settings);
      const late = setTimeout(() => {
        this.fail(`it was not ready after ${settings.START_TIMEOUT_MS} ms.`);
      }, settings.START_TIMEOUT_MS);
      for (const { given, meant } of similarNames(env, Object.keys(settingsSchema.shape)))
        process.stderr.write(
          `${given} is no setting; is ${meant} meant? It is not set. See docs/settings.md.\n`,
        );
      // Loaded late: help and wrong settings are answered at once.
      const { startApp } = await import('./app.js');
      this.app = await startApp(settings);
      clearTimeout(late);
      process.stdout.write(`Reprise listens on ${this.app.url} (API explorer: ${this.app.url}/api/docs)\n`);
      void this.app.describeModel().then((line) => process.stdout.write(`${line}\n`));
    } catch (error) {
      const { reportStartFailure } = await import('./start-failure.js');
      reportStartFailure(error, env);
      process.exit(1);
    }
  }

  private listenToSignals(settings: Settings): void {
    // A terminal or a pipe that is gone must not keep the server from ending in order.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    const grace = settings.SHUTDOWN_GRACE_MS + CLOSE_LIMIT_MS;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        this.end(grace);
      });
    process.on('SIGHUP', () => {
      // Under nohup the terminal's end must not be the server's. Node forgets that the signal was to be ignored.
      if ([process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY)) this.end(grace);
    });
    if (!isStartedByNpm(process.env, /^exec node dist\/main\.js(\s|$)/)) return;
    watchParent(parent, () => {
      process.stderr.write('npm has ended, which started this server: it ends, too.\n');
      this.end(grace);
    });
  }

  private end(graceMs: number): void {
    const now = performance.now();
    if (this.endingSince !== undefined) {
      if (now - this.endingSince > SAME_SIGNAL_MS) this.fail('it was told to end at once.', 'ends as it is');
      return;
    }
    this.endingSince = now;
    const { app } = this;
    if (!app) this.fail('it was told to end before it was ready.');
    setTimeout(() => {
      this.fail('it did not close in time.', 'ends as it is');
    }, graceMs).unref();
    void app.stop().finally(() => process.exit(0));
  }

  private fail(why: string, what = 'cannot start'): never {
    process.stderr.write(`Reprise ${what}: ${why}\n`);
    process.exit(1);
  }
}

function read(): StartArguments {
  try {
    return readStartArguments(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const given = read();
if (given.help) process.stdout.write(USAGE);
else await new ServerProcess().run(given);

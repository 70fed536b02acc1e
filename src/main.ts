import type { RunningApp } from './app.js';
import { readStartArguments, USAGE, type StartArguments } from './main-arguments.js';
import { loadSettings, settingsSchema, similarNames, type Settings } from './platform/config/index.js';
import { isStartedByNpm, watchParent } from './platform/process/index.js';

/** Everything else that has to be closed gets this long after `SHUTDOWN_GRACE_MS`; then the process exits anyway. */
const CLOSE_LIMIT_MS = 5000;
/** Under npm, Ctrl-C arrives twice: from the terminal and from npm. Only a later signal means "now". */
const SAME_SIGNAL_MS = 1000;

const parent = process.ppid;

/** The process: starts the application once, and stops it once. */
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
          `Unknown setting ${given} was ignored. Did you mean ${meant}? See docs/settings.md.\n`,
        );
      // Loaded late: help and wrong settings get an immediate answer.
      const { startApp } = await import('./app.js');
      this.app = await startApp(settings);
      clearTimeout(late);
      process.stdout.write(`Reprise listens on ${this.app.url} (API explorer: ${this.app.url}/api/docs)\n`);
      const link = await this.app.setUpLink();
      if (link !== undefined)
        process.stdout.write(
          `Nobody administers this server yet. Open this link within a day, it works once: ${link}\n`,
        );
      void this.app.describeModel().then((line) => process.stdout.write(`${line}\n`));
    } catch (error) {
      const { reportStartFailure } = await import('./start-failure.js');
      reportStartFailure(error, env);
      process.exit(1);
    }
  }

  private listenToSignals(settings: Settings): void {
    // A closed terminal or pipe must not prevent a graceful shutdown.
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    const grace = settings.SHUTDOWN_GRACE_MS + CLOSE_LIMIT_MS;
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        this.end(grace);
      });
    process.on('SIGHUP', () => {
      // Under nohup the server must outlive the terminal. Node resets the ignored signal.
      if ([process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY)) this.end(grace);
    });
    if (!isStartedByNpm(process.env, /^exec node dist\/main\.js(\s|$)/)) return;
    watchParent(parent, () => {
      process.stderr.write('npm, which started this server, has exited: the server stops, too.\n');
      this.end(grace);
    });
  }

  private end(graceMs: number): void {
    const now = performance.now();
    if (this.endingSince !== undefined) {
      if (now - this.endingSince > SAME_SIGNAL_MS)
        this.fail('a second signal asked it to stop at once.', 'stops without cleaning up');
      return;
    }
    this.endingSince = now;
    const { app } = this;
    if (!app) this.fail('it was asked to stop before it was ready.');
    setTimeout(() => {
      this.fail('it did not close in time.', 'stops without cleaning up');
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

import { startApp } from './app.js';
import { loadSettings, SettingsError } from './platform/config/index.js';

try {
  const app = await startApp(loadSettings(process.env));
  process.stdout.write(`Reprise listens on ${app.url} (API explorer: ${app.url}/api/docs)\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      void app.stop().finally(() => process.exit(0));
    });
  }
} catch (error) {
  const expected =
    error instanceof SettingsError || (error instanceof Error && error.name === 'EmbeddedMongoUnavailable');
  process.stderr.write(
    `Reprise cannot start: ${expected ? error.message : String((error as Error).stack ?? error)}\n`,
  );
  process.exit(1);
}

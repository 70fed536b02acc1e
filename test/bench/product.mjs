// The application as a user starts it: dist/main.js in a process of its own, the embedded engine with it.
import { enginesOf } from './engines.mjs';
import { nowUs } from './measure.mjs';
import { printed, start } from './processes.mjs';

/**
 * Starts the application on a data folder; resolves when it is ready.
 * @returns its process, its URL, the processes to measure (engine included), and the milliseconds that its start took.
 */
export async function launch({ root, folder, env = {} }) {
  const from = nowUs();
  // A title is one more request to the model, behind the first answer of a chat: it would blur what is measured.
  const settings = { DATA_DIR: folder, PORT: '0', CHAT_TITLES: 'off', HISTORY_SUMMARIES: 'off', ...env };
  const child = start('dist/main.js', { root, env: settings, stdout: 'pipe' });
  const url = await printed(child, /(?<=listens on )http:\S+:\d+/);
  await fetch(`${url}/health/ready`).then((answer) => answer.text());
  return { child, url, pids: [child.pid, ...enginesOf(folder)], ms: (nowUs() - from) / 1000 };
}

/** Settings that make the application ask the bench's model server. */
export const asksModel = (port) => ({
  OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
  OPENAI_API_KEY: 'none',
  OPENAI_MODEL: 'bench',
  NO_PROXY: '127.0.0.1',
});

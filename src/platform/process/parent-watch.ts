import { readFileSync } from 'node:fs';

type Env = Readonly<Record<string, string | undefined>>;

/** How often to check, ms. Nothing notifies a process that its parent has exited. */
const LOOK_MS = 500;
const SHELL = /^(?:ba|da|a|k|z)?sh$|^busybox$/;

/**
 * Whether `npm start` started this very program. A script passes npm's variables on to whatever it starts, so the
 * script has to be the program itself: a server that another script has put into the background is not watched.
 */
export function isStartedByNpm(env: Env, program: RegExp): boolean {
  return env['npm_lifecycle_event'] !== undefined && program.test(env['npm_lifecycle_script'] ?? '');
}

/**
 * Calls back once when the process that started this one has exited, and with it whatever waited for this one. npm
 * puts a shell between itself and a script if the shell does not replace itself: then the shell's parent counts as
 * well.
 * @param parent the parent's id, read as early as possible.
 * @returns a function that stops the watch.
 */
export function watchParent(parent: number, onEnd: () => void): () => void {
  const above = isShell(parent) ? parentOf(parent) : undefined;
  const timer = setInterval(() => {
    if (process.ppid === parent && (above === undefined || parentOf(parent) === above)) return;
    clearInterval(timer);
    onEnd();
  }, LOOK_MS).unref();
  return () => {
    clearInterval(timer);
  };
}

/** `pid (comm) state ppid …`; `undefined` if there is no /proc. */
function statOf(pid: number): { command: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const close = text.lastIndexOf(')');
    return {
      command: text.slice(text.indexOf('(') + 1, close),
      parent: Number(text.slice(close + 2).split(' ')[1]),
    };
  } catch {
    return undefined;
  }
}

const parentOf = (pid: number): number | undefined => statOf(pid)?.parent;
const isShell = (pid: number): boolean => SHELL.test(statOf(pid)?.command ?? '');

import { useState } from 'react';
import { messageOf } from '../ui/error-text.js';

/** Something that a form does, outside of the page's queries. */
export interface Action {
  isBusy: boolean;
  /** What went wrong the last time; `null`: nothing. */
  wrong: string | null;
  /** @param then if it worked. */
  run: (act: () => Promise<unknown>, then: () => void) => void;
}

/** One action at a time, with what went wrong. */
export function useAction(): Action {
  const [isBusy, setBusy] = useState(false);
  const [wrong, setWrong] = useState<string | null>(null);
  const run = (act: () => Promise<unknown>, then: () => void): void => {
    if (isBusy) return;
    setBusy(true);
    setWrong(null);
    act()
      .then(then)
      .catch((error: unknown) => {
        setWrong(messageOf(error));
      })
      .finally(() => {
        setBusy(false);
      });
  };
  return { isBusy, wrong, run };
}

import { useEffect } from 'react';
import { takeInterrupted } from './outbox.js';
import { useSending } from './use-sending.js';

/** How often this tab checks whether another one was closed while sending, ms. */
const LOOK_MS = 5000;

/** Resumes sending what was on its way when this page was reloaded. */
export function useInterrupted(): void {
  const { resend } = useSending();
  useEffect(() => {
    const look = (): void => {
      for (const message of takeInterrupted()) resend(message);
    };
    look();
    const timer = setInterval(look, LOOK_MS);
    return () => {
      clearInterval(timer);
    };
  }, [resend]);
}

import { useRun, type Decision } from '@reprise/react';
import { useState } from 'react';
import { messageOf } from '../ui/error-text.js';

/** The state of a decision that is being sent. */
export interface Deciding {
  decide: (decision: Omit<Decision, 'callId'>) => Promise<void>;
  sending: Decision['decision'] | null;
  error: string | null;
}

/** Sends the decision about one call. It comes back with the log, to everybody who is watching. */
export function useDecision(messageId: string, callId: string): Deciding {
  const { approve } = useRun(messageId);
  const [sending, setSending] = useState<Deciding['sending']>(null);
  const [error, setError] = useState<string | null>(null);
  const decide: Deciding['decide'] = async ({ reason, ...decision }) => {
    const said = reason?.trim();
    setSending(decision.decision);
    setError(null);
    try {
      await approve({ callId, ...decision, reason: said === '' ? undefined : said });
    } catch (thrown) {
      setError(messageOf(thrown));
      setSending(null);
    }
  };
  return { decide, sending, error };
}

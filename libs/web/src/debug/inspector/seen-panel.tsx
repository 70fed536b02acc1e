import { hasEnded, type StreamState } from '@reprise/client';
import { memo, startTransition, useState, type ReactElement } from 'react';
import { Markdown } from '../../chat/markdown/markdown.js';
import { Plan } from '../../chat/plan.js';
import { toSegments, type Step } from '../../chat/segments.js';
import { Thinking } from '../../chat/thinking.js';
import { ToolCard } from '../../chat/tool-card.js';
import { formatCount } from '../../ui/format.js';
import { useLaterIndex, useReplay } from '../data/replay.js';
import { formatSpan } from '../model/format.js';
import { tailOf } from '../model/tail.js';
import { StatusPill } from '../shared/status-pill.js';
import classes from './inspector.module.css';

/** The chat as the user's screen showed it after the chosen event. */
export function SeenPanel(): ReactElement {
  const { player, stateAt, run } = useReplay();
  const index = useLaterIndex(player);
  if (index === null) return <div className={classes.scroller} />;
  const state = stateAt(index);
  return (
    <>
      <div className={classes.scroller} tabIndex={0} role="region" aria-label="The chat at this moment">
        <div className={classes.seen}>
          <div className={classes.question}>{run.message.content}</div>
          <Seen state={state} messageId={run.message.message_id} />
        </div>
      </div>
      <Now state={state} />
    </>
  );
}

/** The part of the chat that belongs to one run. */
export const Seen = memo(function Seen(props: { state: StreamState; messageId: string }): ReactElement {
  const { state, messageId } = props;
  const segments = toSegments(state);
  return (
    <>
      {segments.map((segment, index) =>
        segment.kind === 'text' ? (
          <Answer
            key={index}
            text={segment.md}
            isGrowing={index === segments.length - 1 && !hasEnded(state)}
          />
        ) : (
          <div key={index} className={classes.steps}>
            {segment.steps.map((step, place) => (
              <SeenStep key={place} step={step} state={state} messageId={messageId} />
            ))}
          </div>
        ),
      )}
      {segments.length === 0 && <p className={classes.nothing}>{waitingWords(state)}</p>}
      {state.error && (
        <p className={classes.failure}>
          {state.error.text} <code>{state.error.code}</code>
        </p>
      )}
    </>
  );
});

/** Characters of an answer that are drawn: more than fit on a screen, few enough to be drawn many times a second. */
const DRAWN_CHARS = 3500;

/** The end of the answer so far; the rest on demand. */
function Answer({ text, isGrowing }: { text: string; isGrowing: boolean }): ReactElement {
  const [isWhole, setWhole] = useState(false);
  const tail = tailOf(text, isWhole ? Infinity : DRAWN_CHARS);
  return (
    <div className={classes.text}>
      {tail.hidden > 0 && (
        <button
          type="button"
          className={classes.earlier}
          onClick={() => {
            startTransition(() => {
              setWhole(true);
            });
          }}
        >
          Show the {formatCount(tail.hidden)} characters before this
        </button>
      )}
      <Markdown text={tail.text} isGrowing={isGrowing} />
    </div>
  );
}

/** Every step as the chat shows it, except decisions: a replay offers none. */
function SeenStep(props: { step: Step; state: StreamState; messageId: string }): ReactElement | null {
  const { step, state, messageId } = props;
  switch (step.kind) {
    case 'thinking':
      return <Thinking text={step.text} />;
    case 'plan':
      return <Plan items={state.plan} isLive={!hasEnded(state)} />;
    case 'tool': {
      const call = state.toolCalls.find(({ callId }) => callId === step.callId);
      const ended = state.toolCalls.filter(({ status }) => status !== 'running').length;
      return call ? <ToolCard messageId={messageId} call={call} ended={ended} /> : null;
    }
    case 'approval': {
      const approval = state.approvals.find(({ callId }) => callId === step.callId);
      if (!approval) return null;
      const words = { approve: 'Approved', reject: 'Rejected' } as const;
      const head = approval.decision === null ? 'Waiting for a decision' : words[approval.decision];
      return (
        <p className={classes.approval}>
          {head}: <code>{approval.name}</code> {approval.argsSummary}
        </p>
      );
    }
  }
}

function waitingWords({ status, statusText }: StreamState): string {
  if (status === 'pending') return 'Nothing yet: the run has not begun.';
  return statusText === '' ? 'Nothing to see yet.' : statusText;
}

/** The rest of the state, in one line below. */
function Now({ state }: { state: StreamState }): ReactElement {
  const done = state.plan.filter(({ status }) => status === 'completed').length;
  const running = state.toolCalls.filter(({ status }) => status === 'running').length;
  return (
    <div className={classes.now}>
      <StatusPill status={state.status} />
      <span>
        <b>{formatCount(state.content.length)}</b> characters
      </span>
      {state.plan.length > 0 && (
        <span>
          plan <b>{`${done}/${state.plan.length}`}</b>
        </span>
      )}
      {state.toolCalls.length > 0 && (
        <span>
          tools <b>{state.toolCalls.length}</b>
          {running > 0 && ` (${running} running)`}
        </span>
      )}
      {state.usage && (
        <span>
          <b>{formatCount(state.usage.total_tokens)}</b> tokens
        </span>
      )}
      {state.msTotal !== null && <span>{formatSpan(state.msTotal)}</span>}
      {state.statusText !== '' && !hasEnded(state) && (
        <span className={classes.statusText}>{state.statusText}</span>
      )}
    </div>
  );
}

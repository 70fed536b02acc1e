import type { ModelRequest, ModelTurn, ModelTurns } from '@reprise/client';
import { IconChevronRight } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { formatCount } from '../../ui/format.js';
import { useReplay } from '../data/replay.js';
import { useTurns } from '../data/use-turns.js';
import { formatSpan } from '../model/format.js';
import { SentRequest } from './sent-request.js';
import classes from './tools-panel.module.css';

/** What went to the models, turn by turn. */
export function TurnsPanel(): ReactElement {
  const { pages, error, more } = useTurns();
  if (error !== null) return <p className={classes.note}>What went to the models is not there: {error}</p>;
  if (!pages) return <p className={classes.note}>Loading …</p>;
  if (pages.every(({ turns }) => turns.length === 0))
    return <p className={classes.note}>Nothing was recorded about the model turns of this run.</p>;
  return (
    <div className={classes.list} tabIndex={0} role="region" aria-label="Model turns">
      {pages.flatMap((page) =>
        page.turns.map((turn) => <TurnItem key={turn.number} turn={turn} page={page} />),
      )}
      {more && (
        <button type="button" className={classes.more} onClick={more}>
          Show more
        </button>
      )}
    </div>
  );
}

function TurnItem({ turn, page }: { turn: ModelTurn; page: ModelTurns }): ReactElement {
  const depth = useDepth(turn.parent_call_id);
  return (
    <>
      {turn.requests.map((request, index) => (
        <RequestItem key={index} {...{ turn, page, request, depth }} isRepeated={index > 0} />
      ))}
    </>
  );
}

/** How many agents are above the one that a call has started. */
function useDepth(parent: string | null): number {
  const { waterfall } = useReplay();
  if (parent === null) return 0;
  return (waterfall.tools.find(({ callId }) => callId === parent)?.depth ?? 0) + 1;
}

function RequestItem(props: {
  turn: ModelTurn;
  page: ModelTurns;
  request: ModelRequest;
  depth: number;
  isRepeated: boolean;
}): ReactElement {
  const { turn, page, request, depth, isRepeated } = props;
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={classes.item} data-kind={request.error_code === null ? 'content' : 'error'}>
      <div className={classes.head}>
        <button
          type="button"
          className={classes.open}
          aria-expanded={isOpen}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <IconChevronRight size={14} stroke={2} className={classes.chevron} data-open={isOpen} aria-hidden />
          <span className={classes.name} style={{ paddingLeft: depth * 12 }}>
            {`${turn.agent} ${turn.step}`}
          </span>
          <span className={classes.summary}>{summaryOf(turn, request, isRepeated)}</span>
        </button>
        {request.usage && (
          <span className={classes.time} title="Tokens of the request and of the answer">
            {`${formatCount(request.usage.prompt_tokens)} + ${formatCount(request.usage.completion_tokens)}`}
          </span>
        )}
        <span className={classes.time}>{request.ms === null ? 'not ended' : formatSpan(request.ms)}</span>
      </div>
      {isOpen && <SentRequest {...{ turn, page, request }} />}
    </div>
  );
}

function summaryOf(turn: ModelTurn, request: ModelRequest, isRepeated: boolean): string {
  const remarks = [
    request.error_code,
    isRepeated && !request.continued && 'repeated',
    request.continued && 'continued',
    request.shortened && 'shortened',
    turn.attempt > 1 && `attempt ${turn.attempt}`,
  ];
  return [request.model, ...remarks.filter((remark) => typeof remark === 'string')].join(' · ');
}

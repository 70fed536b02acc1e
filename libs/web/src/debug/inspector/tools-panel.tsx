import { IconChevronRight } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { useFullCalls } from '../data/use-tool-call.js';
import { useHead, useReplay } from '../data/replay.js';
import { formatClock, formatSpan } from '../model/format.js';
import type { ToolBar } from '../model/waterfall.js';
import { FullCall } from './full-call.js';
import classes from './tools-panel.module.css';

/** How many calls are listed at once. */
const PAGE = 100;

/** Every tool call of the run with its full arguments and result. */
export function ToolsPanel(): ReactElement {
  const { waterfall } = useReplay();
  const { calls, error } = useFullCalls(true);
  const [most, setMost] = useState(PAGE);
  if (waterfall.tools.length === 0) return <p className={classes.note}>This run called no tools.</p>;
  return (
    <div className={classes.list} tabIndex={0} role="region" aria-label="Tool calls">
      {error !== null && (
        <p className={classes.note}>The full arguments and results are not there: {error}</p>
      )}
      {waterfall.tools.slice(0, most).map((tool) => (
        <ToolItem
          key={tool.callId}
          tool={tool}
          call={calls?.find(({ call_id }) => call_id === tool.callId) ?? null}
        />
      ))}
      {waterfall.tools.length > most && (
        <button
          type="button"
          className={classes.more}
          onClick={() => {
            setMost(most + PAGE);
          }}
        >
          Show more
        </button>
      )}
    </div>
  );
}

function ToolItem(props: {
  tool: ToolBar;
  call: Parameters<typeof FullCall>[0]['call'] | null;
}): ReactElement {
  const { tool, call } = props;
  const { player } = useReplay();
  const [isOpen, setOpen] = useState(false);
  const isLater = useHead(player, ({ index }) => index < tool.index);
  return (
    <div
      className={classes.item}
      data-kind={tool.status === 'error' ? 'error' : 'tool'}
      data-later={isLater || undefined}
    >
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
          <span className={classes.name} style={{ paddingLeft: tool.depth * 12 }}>
            {tool.name}
          </span>
          <span className={classes.summary}>{tool.resultSummary ?? tool.argsSummary}</span>
        </button>
        <span className={classes.time}>
          {tool.status === 'ok' ? formatSpan(tool.ms ?? tool.to - tool.from) : tool.status}
        </span>
        <button
          type="button"
          className={classes.jump}
          onClick={() => {
            player.seek(tool.index);
          }}
          aria-label={`Go to the start of ${tool.name}`}
        >
          {formatClock(tool.from)}
        </button>
      </div>
      {isOpen && (call ? <FullCall call={call} /> : <p className={classes.note}>Not found.</p>)}
    </div>
  );
}

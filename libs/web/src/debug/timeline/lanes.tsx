import type { CSSProperties, ReactElement, ReactNode } from 'react';
import { useReplay } from '../data/replay.js';
import { formatSpan } from '../model/format.js';
import type { TimeWindow } from '../model/time-window.js';
import { placeSpans, type Placed } from '../model/visible.js';
import type { ToolBar, ModelTurn } from '../model/waterfall.js';
import classes from './lanes.module.css';

interface Drawn {
  window: TimeWindow;
  /** Width of the plot. */
  pixels: number;
}

/** Narrower bars have no label, px. */
const LABEL_PX = 34;

/** One line of the waterfall with its name. */
export function Lane(props: { label: string; isLow?: boolean; children: ReactNode }): ReactElement {
  return (
    <div className={classes.lane} data-low={props.isLow || undefined}>
      <span className={classes.name}>{props.label}</span>
      {props.children}
    </div>
  );
}

/** Left edge and width as a style; a bar without length is still a pixel or two wide. */
const at = ({ left, width }: Placed<unknown>): CSSProperties => ({ left: `${left}%`, width: `${width}%` });

const tabStop = (index: number): 0 | -1 => (index === 0 ? 0 : -1);

/** The model's turns: pale until its first words are logged. */
export function TurnLane({ window, pixels }: Drawn): ReactElement {
  const { waterfall } = useReplay();
  return (
    <>
      {placeSpans(waterfall.turns, window, { pixels }).map((placed, index) => (
        <TurnBar key={placed.item.number} placed={placed} pixels={pixels} tabIndex={tabStop(index)} />
      ))}
    </>
  );
}

interface BarProps<T> {
  placed: Placed<T>;
  pixels: number;
  tabIndex?: 0 | -1;
}

function TurnBar({ placed, pixels, tabIndex = -1 }: BarProps<ModelTurn>): ReactElement {
  const { item: turn, width } = placed;
  const span = turn.to - turn.from;
  const waited = turn.firstOutput === null ? span : turn.firstOutput - turn.from;
  const label = `Model turn ${turn.number}, ${formatSpan(span)}`;
  return (
    <button
      type="button"
      className={classes.bar}
      data-kind="content"
      data-interrupted={turn.isInterrupted || undefined}
      data-index={turn.index}
      tabIndex={tabIndex}
      aria-label={turn.isInterrupted ? `${label}, interrupted` : label}
      style={at(placed)}
    >
      <span className={classes.waited} style={{ width: `${span > 0 ? (waited / span) * 100 : 0}%` }} />
      {(width / 100) * pixels > LABEL_PX && <span className={classes.text}>turn {turn.number}</span>}
    </button>
  );
}

/** Tools: parallel ones below each other, nested calls below their parents. */
export function ToolLanes({ window, pixels }: Drawn): ReactElement {
  const { tools, toolLines } = useReplay().waterfall;
  const placed = placeSpans(tools, window, { pixels, lineOf: ({ line }) => line });
  return (
    <div className={classes.tools}>
      <span className={classes.name}>Tools</span>
      <div className={classes.stack} style={{ height: toolLines * TOOL_LINE_PX }}>
        {placed.map((bar) => (
          <ToolButton key={bar.item.callId} placed={bar} pixels={pixels} />
        ))}
      </div>
    </div>
  );
}

const TOOL_LINE_PX = 20;

function ToolButton({ placed, pixels }: BarProps<ToolBar>): ReactElement {
  const { item: tool, width } = placed;
  return (
    <button
      type="button"
      className={classes.bar}
      data-kind={tool.status === 'error' ? 'error' : 'tool'}
      data-status={tool.status}
      data-child={tool.depth > 0 || undefined}
      data-index={tool.index}
      tabIndex={-1}
      aria-label={`Tool ${tool.name}, ${tool.status}, ${formatSpan(tool.to - tool.from)}`}
      style={{ ...at(placed), top: tool.line * TOOL_LINE_PX }}
    >
      {(width / 100) * pixels > LABEL_PX && <span className={classes.text}>{tool.name}</span>}
    </button>
  );
}

/** Times in which the run waited for a person. */
export function WaitLane({ window, pixels }: Drawn): ReactElement {
  const { waits } = useReplay().waterfall;
  return (
    <>
      {placeSpans(waits, window, { pixels }).map((placed) => {
        const { item, width } = placed;
        const words =
          item.decision === null ? 'undecided' : item.decision === 'approve' ? 'approved' : 'rejected';
        return (
          <button
            key={item.callId}
            type="button"
            className={classes.bar}
            data-kind="approval"
            data-index={item.index}
            tabIndex={-1}
            aria-label={`Waiting for a decision about ${item.name}, ${words}, ${formatSpan(item.to - item.from)}`}
            style={at(placed)}
          >
            {(width / 100) * pixels > LABEL_PX && <span className={classes.text}>{words}</span>}
          </button>
        );
      })}
    </>
  );
}

/** Which worker executed which part. */
export function AttemptLane({ window, pixels }: Drawn): ReactElement {
  const { attempts } = useReplay().waterfall;
  return (
    <Lane label="Attempt">
      {placeSpans(attempts, window, { pixels }).map((placed) => (
        <button
          key={placed.item.index}
          type="button"
          className={classes.attempt}
          data-index={placed.item.index}
          tabIndex={-1}
          aria-label={`Attempt ${placed.item.attempt}`}
          style={at(placed)}
        >
          <span className={classes.text}>attempt {placed.item.attempt}</span>
        </button>
      ))}
    </Lane>
  );
}

const MARK_PX = 3;

/** Status, plan, thoughts, errors: one small mark each. */
export function MarkLane({ window, pixels }: Drawn): ReactElement {
  const { marks } = useReplay().waterfall;
  const spans = marks.map((mark) => ({ ...mark, from: mark.at, to: mark.at }));
  return (
    <>
      {placeSpans(spans, window, { pixels: pixels / MARK_PX }).map(({ item, left }) => (
        <span
          key={item.index}
          className={classes.mark}
          data-kind={item.kind}
          data-index={item.index}
          style={{ left: `${left}%` }}
        />
      ))}
    </>
  );
}

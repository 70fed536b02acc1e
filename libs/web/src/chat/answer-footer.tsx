import { IconBug, IconChevronDown, IconFiles, IconRefresh } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { CopyButton } from '../ui/copy-button.js';
import { formatCount, formatMs, plural } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { IconLink } from '../ui/icon-link.js';
import type { Source } from './sources.js';
import { SourcesList } from './sources-list.js';
import classes from './exchange.module.css';

/** What is known about an answer that has ended. */
export interface AnswerFacts {
  content: string;
  ms: number | null;
  tokens: number | null;
  model: string | null;
  sources: readonly Source[];
}

/** What {@link AnswerFooter} takes. */
export interface AnswerFooterProps {
  /** The question's id; without one there is nothing to ask again or to replay. */
  messageId: string | null;
  facts: AnswerFacts;
  /** Show the sources without a click. */
  opensSources: boolean;
  onRetry: () => void;
}

/** The actions for an answer, and how long it took. As high as the status line, whose place it takes. */
export function AnswerFooter({ messageId, facts, opensSources, onRetry }: AnswerFooterProps): ReactElement {
  const [showsSources, setShowsSources] = useState(opensSources);
  const { sources } = facts;
  return (
    <>
      <div className={classes.footer}>
        {facts.content !== '' && <CopyButton label="Copy answer" text={facts.content} />}
        {messageId !== null && (
          <>
            <IconButton label="Ask again" size={28} onClick={onRetry}>
              <IconRefresh size={16} stroke={1.8} />
            </IconButton>
            <IconLink label="Open in the replay debugger" href={`/debug/${messageId}`} size={28}>
              <IconBug size={16} stroke={1.8} />
            </IconLink>
          </>
        )}
        {sources.length > 0 && (
          <button
            type="button"
            className={classes.pill}
            aria-expanded={showsSources}
            onClick={() => {
              setShowsSources(!showsSources);
            }}
          >
            <IconFiles size={14} stroke={1.8} aria-hidden />
            {plural(sources.length, 'source')}
            <IconChevronDown size={14} data-open={showsSources} aria-hidden />
          </button>
        )}
        <Figures facts={facts} />
      </div>
      {showsSources && sources.length > 0 && <SourcesList sources={sources} />}
    </>
  );
}

function Figures({ facts: { ms, tokens, model } }: { facts: AnswerFacts }): ReactElement {
  return (
    <span className={classes.figures}>
      {model !== null && model !== '' && <span className={classes.model}>{model}</span>}
      {tokens !== null && tokens > 0 && <span className={classes.tokens}>{formatCount(tokens)} tokens</span>}
      {ms !== null && <span>{formatMs(ms)}</span>}
    </span>
  );
}

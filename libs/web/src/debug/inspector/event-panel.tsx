import { Button } from '@mantine/core';
import { IconTerminal2 } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { copyText } from '../../ui/clipboard.js';
import { CopyButton } from '../../ui/copy-button.js';
import { notifyError } from '../../ui/notify.js';
import { useIndex, useReplay } from '../data/replay.js';
import { useToolCall } from '../data/use-tool-call.js';
import { curlCommand } from '../model/curl.js';
import { formatBytes, formatClock, formatSpan } from '../model/format.js';
import { kindOfEvent } from '../model/kinds.js';
import type { Row } from '../model/rows.js';
import { TypeBadge } from '../shared/type-badge.js';
import { useCopied } from '../shared/use-copied.js';
import classes from './inspector.module.css';
import { JsonView } from './json-view.js';
import { FullCall } from './full-call.js';

/** The chosen event as it is stored. */
export function EventPanel(): ReactElement {
  const { player, rows } = useReplay();
  const row = rows[useIndex(player)];
  if (!row) return <p className={classes.note}>No event yet.</p>;
  const pretty = JSON.stringify(row.event, null, 2);
  return (
    <>
      <div className={classes.bar}>
        <TypeBadge type={row.event.type} kind={kindOfEvent(row.event)} />
        <span className={classes.facts}>
          {formatClock(row.offset)} · +{formatSpan(row.delta)} · {formatBytes(row.bytes)}
        </span>
        <span className={classes.spacer} />
        <CurlButton row={row} />
        <CopyButton label="Copy JSON" text={pretty} />
      </div>
      <div className={classes.content} tabIndex={0} role="region" aria-label="Event as JSON">
        <JsonView text={pretty} />
        <CallOf row={row} />
      </div>
    </>
  );
}

/** Copies a command that resumes the stream after this event. */
function CurlButton({ row }: { row: Row }): ReactElement {
  const { run } = useReplay();
  const [isCopied, showCopied] = useCopied();
  const { message_id, chat_id, stream_url } = run.message;
  const path = stream_url ?? `/api/chats/${chat_id}/messages/${message_id}/stream`;
  const copy = async (): Promise<void> => {
    await copyText(curlCommand(new URL(path, location.origin).href, row.event.id));
    showCopied();
  };
  return (
    <Button
      size="compact-xs"
      variant="default"
      leftSection={<IconTerminal2 size={14} stroke={1.7} />}
      title={
        row.event.type === 'end'
          ? 'Nothing follows the end: the server answers 204'
          : 'Resume after this event'
      }
      onClick={() => {
        copy().catch((error: unknown) => {
          notifyError('Could not copy', error);
        });
      }}
    >
      {isCopied ? 'Copied' : 'Copy curl'}
    </Button>
  );
}

/** A tool's event has only a summary; this is the whole. */
function CallOf({ row }: { row: Row }): ReactElement | null {
  const { event } = row;
  const callId = event.type === 'tool_start' || event.type === 'tool_end' ? event.call_id : null;
  const { call, error } = useToolCall(callId);
  if (error !== null) return <p className={classes.note}>{error}</p>;
  return call ? <FullCall call={call} /> : null;
}

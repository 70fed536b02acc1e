import type { ToolCall } from '@reprise/client';
import { Loader } from '@mantine/core';
import {
  IconAlertTriangle,
  IconFileText,
  IconListSearch,
  IconPlayerStop,
  IconSearch,
  IconTool,
} from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useToolCalls } from '../api/messages.js';
import { CopyButton } from '../ui/copy-button.js';
import { messageOf } from '../ui/error-text.js';
import { formatMs } from '../ui/format.js';
import { StepRow } from './step-row.js';
import classes from './steps.module.css';

/** What {@link ToolCard} takes. */
export interface ToolCardProps {
  messageId: string;
  call: ToolCall;
  /** Calls of the run that have ended: when the number grows, there is more to read. */
  ended: number;
}

/** A tool call: its arguments, its duration, its result. */
export function ToolCard({ messageId, call, ended }: ToolCardProps): ReactElement {
  const summary = call.resultSummary ?? (lastLine(call.childContent) || call.argsSummary);
  return (
    <StepRow
      icon={<ToolIcon call={call} />}
      title={toolLabel(call.name)}
      summary={summary}
      aside={<Aside call={call} />}
    >
      {() => <Details messageId={messageId} call={call} ended={ended} />}
    </StepRow>
  );
}

function Aside({ call }: { call: ToolCall }): ReactElement {
  if (call.status === 'running') return <span className={classes.running}>running</span>;
  if (call.status === 'stopped') return <>stopped</>;
  if (call.status === 'error') return <span className={classes.failed}>failed</span>;
  return <>{formatMs(call.ms ?? 0)}</>;
}

function Details({ messageId, call, ended }: ToolCardProps): ReactElement {
  const { data, error, isPending } = useToolCalls(messageId, ended, true);
  const full = data?.find(({ call_id }) => call_id === call.callId);
  if (isPending) return <p className={classes.note}>Loading…</p>;
  return (
    <>
      {error && <p className={classes.note}>Only the summary is there: {messageOf(error)}</p>}
      <Text label="Tool" text={call.name} />
      <Text label="Arguments" text={pretty(full?.arguments ?? call.argsSummary)} />
      {call.status === 'running' && call.childContent !== '' ? (
        <Text label="So far" text={call.childContent} />
      ) : call.status === 'running' ? (
        <p className={classes.note}>No result yet.</p>
      ) : (
        <Text
          label={call.status === 'error' ? 'Error' : 'Result'}
          text={pretty(full?.result ?? call.resultSummary ?? '')}
        />
      )}
    </>
  );
}

function Text({ label, text }: { label: string; text: string }): ReactElement {
  return (
    <section className={classes.detail} aria-label={label}>
      <header>
        <span>{label}</span>
        <CopyButton label={`Copy ${label.toLowerCase()}`} text={text} />
      </header>
      <pre tabIndex={0} role="region" aria-label={label}>
        {text === '' ? '—' : text}
      </pre>
    </section>
  );
}

function ToolIcon({ call }: { call: ToolCall }): ReactElement {
  if (call.status === 'running') return <Loader size={14} color="var(--accent)" aria-label="Running" />;
  if (call.status === 'error')
    return <IconAlertTriangle size={16} stroke={1.8} className={classes.failed} aria-label="Failed" />;
  if (call.status === 'stopped') return <IconPlayerStop size={16} stroke={1.8} aria-label="Stopped" />;
  const Icon = iconOf(call.name);
  return <Icon size={16} stroke={1.8} aria-hidden />;
}

function iconOf(name: string): typeof IconTool {
  if (name.includes('search')) return IconSearch;
  if (name.includes('list')) return IconListSearch;
  return name.includes('file') || name.includes('read') ? IconFileText : IconTool;
}

/** What another agent is writing at the moment. */
function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** `get_file_content` as words. */
function toolLabel(name: string): string {
  const words = name.replace(/[_-]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Formatted JSON; any other text as it is. */
function pretty(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

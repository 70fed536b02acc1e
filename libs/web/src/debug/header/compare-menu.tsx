import { Button, Loader, Popover, TextInput, UnstyledButton } from '@mantine/core';
import { IconGitCompare } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type ReactElement, type SubmitEvent } from 'react';
import { useLocation } from 'wouter';
import type { Message } from '@reprise/client';
import { reprise } from '../../api/reprise.js';
import { formatTime } from '../../ui/format.js';
import { messageOf } from '../../ui/error-text.js';
import { useReplay } from '../data/replay.js';
import { formatSpan } from '../model/format.js';
import { StatusPill } from '../shared/status-pill.js';
import classes from './compare-menu.module.css';

/** Picks the run to compare with this one: its origin, another one in the chat, or any by id. */
export function CompareMenu(): ReactElement {
  const { run } = useReplay();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" shadow="md" width={340} trapFocus>
      <Popover.Target>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconGitCompare size={15} stroke={1.7} />}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          Compare
        </Button>
      </Popover.Target>
      <Popover.Dropdown p="xs" aria-label="Compare with">
        {isOpen && <Choices message={run.message} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Choices({ message }: { message: Message }): ReactElement {
  const [, navigate] = useLocation();
  const [id, setId] = useState('');
  const pick = (other: string): void => {
    navigate(`/debug/${message.message_id}?with=${encodeURIComponent(other)}`);
  };
  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (id.trim() !== '') pick(id.trim());
  };
  return (
    <div className={classes.choices}>
      <RunsOfChat message={message} pick={pick} />
      <form className={classes.byId} onSubmit={submit}>
        <TextInput
          size="xs"
          aria-label="Message id"
          placeholder="or a message id"
          value={id}
          onChange={(event) => {
            setId(event.currentTarget.value);
          }}
        />
        <Button size="xs" type="submit" disabled={id.trim() === ''}>
          Compare
        </Button>
      </form>
    </div>
  );
}

function RunsOfChat({ message, pick }: { message: Message; pick: (id: string) => void }): ReactElement {
  const { data, error } = useQuery({
    queryKey: ['debug', 'runs', message.chat_id],
    queryFn: ({ signal }) => runsOf(message.chat_id, signal),
  });
  if (error) return <p className={classes.note}>{messageOf(error)}</p>;
  if (!data) return <Loader size="xs" m="sm" />;
  const others = kinFirst(data, message);
  if (others.length === 0) return <p className={classes.note}>This chat has no other run.</p>;
  return (
    <ul className={classes.list}>
      {others.map((other) => (
        <li key={other.message_id}>
          <UnstyledButton
            className={classes.run}
            onClick={() => {
              pick(other.message_id);
            }}
          >
            <span className={classes.question}>{other.content}</span>
            <span className={classes.facts}>
              <StatusPill status={other.status} />
              {isKin(other, message) && <b>same question, asked again</b>}
              <span>{formatTime(other.created_at)}</span>
              {other.processing_time_ms !== null && <span>{formatSpan(other.processing_time_ms)}</span>}
            </span>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}

const PAGE = 100;

/** The questions of a chat, newest first; in a long chat only the newest page or two. */
async function runsOf(chatId: string, signal: AbortSignal): Promise<Message[]> {
  const first = await reprise.listMessages({ chatId, pageSize: PAGE, signal });
  const last =
    first.total_pages > 1
      ? await reprise.listMessages({ chatId, pageSize: PAGE, page: first.total_pages, signal })
      : null;
  return [...first.items, ...(last?.items ?? [])].filter(({ role }) => role === 'user').reverse();
}

/** One is a retry of the other, or both are of a third. */
function isKin(one: Message, other: Message): boolean {
  return originOf(one) === originOf(other);
}

const originOf = ({ message_id, metadata }: Message): unknown => metadata['retry_of'] ?? message_id;

function kinFirst(runs: readonly Message[], message: Message): Message[] {
  const others = runs.filter(({ message_id }) => message_id !== message.message_id);
  return [
    ...others.filter((other) => isKin(other, message)),
    ...others.filter((other) => !isKin(other, message)),
  ];
}

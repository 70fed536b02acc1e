import { Button } from '@mantine/core';
import { IconArrowLeft, IconDownload, IconLink } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import { copyText } from '../../ui/clipboard.js';
import { IconButton } from '../../ui/icon-button.js';
import { notifyError } from '../../ui/notify.js';
import { useReplay } from '../data/replay.js';
import { saveText } from '../data/save-text.js';
import { jsonLinesName, toJsonLines } from '../model/json-lines.js';
import { NavButton } from '../shared/nav-button.js';
import { StatusPill } from '../shared/status-pill.js';
import { useCopied } from '../shared/use-copied.js';
import { CompareMenu } from './compare-menu.js';
import { LiveToggle } from './live-toggle.js';
import classes from './run-header.module.css';
import { ShortcutsHelp } from './shortcuts-help.js';

/** Which run this is, and the actions for the run as a whole. */
export function RunHeader(): ReactElement {
  const { run, rows, figures } = useReplay();
  const { message } = run;
  const { retry_of: origin } = message.metadata;
  const attempt = Math.max(message.run?.attempt ?? 0, figures.attempts);
  const save = (): void => {
    saveText(jsonLinesName(message.message_id), toJsonLines(rows), 'application/jsonl');
  };
  return (
    <header className={classes.header}>
      <NavButton label="Back to the chat" href={`/chats/${message.chat_id}?message=${message.message_id}`}>
        <IconArrowLeft size={18} stroke={1.7} />
      </NavButton>
      <div className={classes.what}>
        <h1 className={classes.title} title={message.content}>
          {message.content}
        </h1>
        <div className={classes.facts}>
          <StatusPill status={figures.status ?? message.status} />
          {attempt > 1 && <span className={classes.attempt}>attempt {attempt}</span>}
          {typeof origin === 'string' && (
            <Link className={classes.origin ?? ''} href={`/debug/${message.message_id}?with=${origin}`}>
              asked again: compare with the first time
            </Link>
          )}
          <span className={classes.id}>{message.message_id}</span>
        </div>
      </div>
      <div className={classes.actions}>
        <LiveToggle />
        <CompareMenu />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconDownload size={15} stroke={1.7} />}
          disabled={rows.length === 0}
          onClick={save}
        >
          Export
        </Button>
        <LinkButton />
        <ShortcutsHelp />
      </div>
    </header>
  );
}

/** Copies a link that opens the page at its current position. */
function LinkButton(): ReactElement {
  const { player } = useReplay();
  const [isCopied, showCopied] = useCopied();
  const copy = async (): Promise<void> => {
    const url = new URL(location.href);
    url.searchParams.set('at', String(Math.max(player.snapshot().index, 0)));
    await copyText(url.href);
    showCopied();
  };
  return (
    <IconButton
      label={isCopied ? 'Copied' : 'Copy a link to this moment'}
      onClick={() => {
        copy().catch((error: unknown) => {
          notifyError('Could not copy', error);
        });
      }}
    >
      <IconLink size={17} stroke={1.7} />
    </IconButton>
  );
}

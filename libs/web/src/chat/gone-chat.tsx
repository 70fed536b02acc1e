import { Button } from '@mantine/core';
import { IconMessageOff } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import states from '../ui/states.module.css';
import { moveDraft, NEW_CHAT } from './drafts.js';

/** Replaces a chat that no longer exists. */
export function GoneChat({ chatId, wasKnown }: { chatId: string; wasKnown: boolean }): ReactElement {
  return (
    <div className={states.state} role="alert">
      <IconMessageOff size={28} stroke={1.5} aria-hidden />
      <h2>{wasKnown ? 'This chat was deleted' : 'This chat does not exist'}</h2>
      <p>
        {wasKnown
          ? 'Its messages and answers are gone with it.'
          : 'It may have been deleted, or the address is wrong.'}
      </p>
      <Button
        component={Link}
        href="/"
        size="xs"
        variant="default"
        onClick={() => {
          moveDraft(chatId, NEW_CHAT); // a draft is still somebody's text
        }}
      >
        Start a new chat
      </Button>
    </div>
  );
}

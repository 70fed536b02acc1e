import { Button } from '@mantine/core';
import { IconMessageOff } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import states from '../ui/states.module.css';
import { moveDraft, NEW_CHAT } from './drafts.js';

/** In place of a chat that is not there any more. */
export function GoneChat({ chatId, wasKnown }: { chatId: string; wasKnown: boolean }): ReactElement {
  return (
    <div className={states.state} role="alert">
      <IconMessageOff size={28} stroke={1.5} aria-hidden />
      <h2>{wasKnown ? 'This chat was deleted' : 'There is no such chat'}</h2>
      <p>
        {wasKnown
          ? 'Its messages and answers are gone with it.'
          : 'It was deleted, or the address is not right.'}
      </p>
      <Button
        component={Link}
        href="/"
        size="xs"
        variant="default"
        onClick={() => {
          moveDraft(chatId, NEW_CHAT); // what was being written is still somebody's text
        }}
      >
        Start a new chat
      </Button>
    </div>
  );
}

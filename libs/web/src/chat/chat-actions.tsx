import type { Chat } from '@reprise/client';
import { ActionIcon } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { ChatMenu } from '../shell/chat-menu.js';

/** The actions for the open chat. */
export function ChatActions({ chat }: { chat: Chat }): ReactElement {
  return (
    <ChatMenu chat={chat}>
      <ActionIcon variant="subtle" color="gray" size={32} radius="md" aria-label="Chat options">
        <IconDots size={18} stroke={1.8} />
      </ActionIcon>
    </ChatMenu>
  );
}

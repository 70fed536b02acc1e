import type { Chat } from '@reprise/client';
import { Menu } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import { useLocation, useRoute } from 'wouter';
import { useDeleteChat } from '../api/chats.js';
import { writeDraft } from '../chat/drafts.js';
import { dropRoom } from '../chat/outbox.js';
import { notifyError } from '../ui/notify.js';
import { confirmDelete, openRename } from './chat-dialogs.js';

/** The actions for a chat. `children` is the button that opens the menu. */
export function ChatMenu({ chat, children }: { chat: Chat; children: ReactNode }): ReactElement {
  const [, navigate] = useLocation();
  const [, open] = useRoute('/chats/:chatId');
  const remove = useDeleteChat();
  const onDelete = (): void => {
    remove.mutate(chat.chat_id, {
      onSuccess: () => {
        dropRoom(chat.chat_id);
        writeDraft(chat.chat_id, '');
        if (open?.chatId === chat.chat_id) navigate('/');
      },
      onError: (error) => {
        notifyError('The chat could not be deleted', error);
      },
    });
  };
  return (
    <Menu withInitialFocusPlaceholder={false} position="bottom-end" width={160} shadow="md" radius="md">
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconPencil size={16} stroke={1.7} />}
          onClick={() => {
            openRename(chat);
          }}
        >
          Rename
        </Menu.Item>
        <Menu.Item
          color="var(--bad)"
          leftSection={<IconTrash size={16} stroke={1.7} />}
          onClick={() => {
            confirmDelete(chat, onDelete);
          }}
        >
          Delete
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

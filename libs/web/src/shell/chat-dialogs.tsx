import type { Chat } from '@reprise/client';
import { Button, Text, TextInput } from '@mantine/core';
import { modals } from '@mantine/modals';
import { useState, type ReactElement } from 'react';
import { useRenameChat } from '../api/chats.js';
import { messageOf } from '../ui/error-text.js';

const MOST_CHARS = 200;

/** Asks for a new title. */
export function openRename(chat: Chat): void {
  const id = modals.open({
    title: 'Rename chat',
    centered: true,
    children: (
      <RenameForm
        chat={chat}
        onDone={() => {
          modals.close(id);
        }}
      />
    ),
  });
}

/** Asks whether to delete a chat. */
export function confirmDelete(chat: Chat, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: 'Delete chat?',
    centered: true,
    children: (
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        “{chat.title}” goes with all its messages, answers and files. This cannot be undone.
      </Text>
    ),
    labels: { confirm: 'Delete', cancel: 'Keep' },
    confirmProps: { color: 'red.8' },
    onConfirm,
  });
}

function RenameForm({ chat, onDone }: { chat: Chat; onDone: () => void }): ReactElement {
  const rename = useRenameChat();
  const [title, setTitle] = useState(chat.title);
  const wanted = title.trim();
  const save = (): void => {
    if (wanted === '') return;
    if (wanted === chat.title) onDone();
    else rename.mutate({ chatId: chat.chat_id, title: wanted }, { onSuccess: onDone });
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <TextInput
        aria-label="Title"
        data-autofocus
        maxLength={MOST_CHARS}
        value={title}
        error={rename.error ? messageOf(rename.error) : null}
        onFocus={(event) => {
          event.currentTarget.select();
        }}
        onChange={(event) => {
          setTitle(event.currentTarget.value);
        }}
      />
      <Button type="submit" fullWidth mt="md" loading={rename.isPending} disabled={wanted === ''}>
        Save
      </Button>
    </form>
  );
}

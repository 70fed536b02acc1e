import type { Chat } from '@reprise/client';
import { Loader, Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconMessage, IconSearch } from '@tabler/icons-react';
import { useId, useState, type KeyboardEvent, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import { useChats } from '../api/chats.js';
import { isComposing } from '../ui/composing.js';
import { messageOf } from '../ui/error-text.js';
import { formatDay } from '../ui/format.js';
import classes from './search-dialog.module.css';

const PAUSE_MS = 150;

/** What {@link SearchDialog} takes. */
export interface SearchDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Finds a chat by its title. */
export function SearchDialog({ isOpen, onClose }: SearchDialogProps): ReactElement {
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      radius="lg"
      size="lg"
      yOffset="12vh"
      attributes={{ content: { 'aria-label': 'Search chats' } }}
    >
      <Search onClose={onClose} />
    </Modal>
  );
}

function Search({ onClose }: { onClose: () => void }): ReactElement {
  const [, navigate] = useLocation();
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), PAUSE_MS);
  const { data = [], isFetching, isPlaceholderData, error } = useChats(wanted);
  const [place, setPlace] = useState(0);
  const list = useId();
  const chosen = data[Math.min(place, data.length - 1)];
  const open = (chat: Chat): void => {
    navigate(`/chats/${chat.chat_id}`);
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposing(event.nativeEvent)) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    // The list may still be the result for an earlier text.
    const isCurrent = text.trim() === wanted && !isPlaceholderData;
    if (step !== undefined) {
      event.preventDefault();
      setPlace(Math.max(0, Math.min(place + step, data.length - 1)));
    } else if (event.key === 'Enter' && chosen && isCurrent) open(chosen);
  };
  return (
    <>
      <TextInput
        data-autofocus
        variant="unstyled"
        size="md"
        placeholder="Search chats…"
        aria-label="Search chats by title"
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={chosen && optionId(list, chosen)}
        leftSection={<IconSearch size={18} stroke={1.7} />}
        rightSection={isFetching ? <Loader size="xs" color="gray" /> : null}
        classNames={{ input: classes.field ?? '' }}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setPlace(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Options id={list} chats={data} chosen={chosen} onOpen={open} />
      {data.length === 0 && !isFetching && <Nothing error={error} wanted={wanted} />}
    </>
  );
}

interface OptionsProps {
  id: string;
  chats: readonly Chat[];
  chosen: Chat | undefined;
  onOpen: (chat: Chat) => void;
}

function Options({ id, chats, chosen, onOpen }: OptionsProps): ReactElement {
  return (
    <div id={id} role="listbox" aria-label="Chats" className={classes.list}>
      {chats.map((chat) => (
        <div
          key={chat.chat_id}
          id={optionId(id, chat)}
          ref={(element) => {
            if (chat === chosen) element?.scrollIntoView({ block: 'nearest' });
          }}
          role="option"
          aria-selected={chat === chosen}
          className={classes.option}
          onClick={() => {
            onOpen(chat);
          }}
        >
          <IconMessage size={16} stroke={1.7} aria-hidden />
          <span>{chat.title}</span>
          <time>{formatDay(chat.updated_at)}</time>
        </div>
      ))}
    </div>
  );
}

function optionId(list: string, chat: Chat): string {
  return `${list}-${chat.chat_id}`;
}

function Nothing({ error, wanted }: { error: Error | null; wanted: string }): ReactElement {
  const words = wanted === '' ? 'There are no chats yet.' : `No chat is called “${wanted}”.`;
  return (
    <p className={classes.nothing} role="status">
      {error ? messageOf(error) : words}
    </p>
  );
}

import type { DocumentInfo } from '@reprise/client';
import { Button, Text } from '@mantine/core';
import { modals } from '@mantine/modals';
import { IconFileText, IconTrash } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { useDeleteDocument } from '../api/documents.js';
import { formatCount, formatDay, formatTime } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { notifyError } from '../ui/notify.js';
import classes from './documents.module.css';

/** What {@link DocumentList} takes. */
export interface DocumentListProps {
  documents: readonly DocumentInfo[];
  onShow: (id: string) => void;
  /** There are more to load. */
  onMore: (() => void) | null;
  isBusy: boolean;
}

/** The documents of the corpus. */
export function DocumentList({ documents, onShow, onMore, isBusy }: DocumentListProps): ReactElement {
  return (
    <>
      <ul className={classes.list} aria-label="Documents">
        {documents.map((document) => (
          <DocumentRow key={document.document_id} document={document} onShow={onShow} />
        ))}
      </ul>
      {onMore && (
        <Button className={classes.more ?? ''} variant="default" size="xs" loading={isBusy} onClick={onMore}>
          Show more
        </Button>
      )}
    </>
  );
}

function DocumentRow({
  document,
  onShow,
}: {
  document: DocumentInfo;
  onShow: (id: string) => void;
}): ReactElement {
  const { document_id: id, title, characters, tender_id, created_at } = document;
  const remove = useDeleteDocument();
  const onDelete = (): void => {
    confirmDelete(title, () => {
      remove.mutate(id, {
        onError: (error) => {
          notifyError('The document could not be deleted', error);
        },
      });
    });
  };
  return (
    <li className={classes.row}>
      <button
        type="button"
        className={classes.show}
        onClick={() => {
          onShow(id);
        }}
      >
        <IconFileText size={18} stroke={1.6} aria-hidden />
        <span className={classes.title} dir="auto">
          {title}
        </span>
        {tender_id !== null && <span className={classes.tender}>{tender_id}</span>}
        <span className={classes.figure}>{formatCount(characters)} characters</span>
        <time className={classes.figure} dateTime={created_at} title={formatTime(created_at)}>
          {formatDay(created_at)}
        </time>
      </button>
      <IconButton label={`Delete ${title}`} size={30} onClick={onDelete} loading={remove.isPending}>
        <IconTrash size={16} stroke={1.7} />
      </IconButton>
    </li>
  );
}

function confirmDelete(title: string, onConfirm: () => void): void {
  modals.openConfirmModal({
    title: 'Delete document?',
    centered: true,
    children: (
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        No answer will find “{title}” any more. This cannot be undone.
      </Text>
    ),
    labels: { confirm: 'Delete', cancel: 'Keep' },
    confirmProps: { color: 'red.8' },
    onConfirm,
  });
}

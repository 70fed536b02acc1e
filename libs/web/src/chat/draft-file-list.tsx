import { Loader } from '@mantine/core';
import { IconFile, IconX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { isPicture, usePicture } from '../api/files.js';
import { formatBytes } from '../ui/format.js';
import { IconButton } from '../ui/icon-button.js';
import { removeFile, useFiles, type DraftFile } from './draft-files.js';
import classes from './attachments.module.css';

/** What {@link DraftFileList} takes. */
export interface DraftFileListProps {
  /** The input box, see `draft-files`. */
  box: string;
  /** Called when one was taken out: its button is gone. */
  onRemoved: () => void;
}

/** The files that the next message will have. */
export function DraftFileList({ box, onRemoved }: DraftFileListProps): ReactElement | null {
  const files = useFiles(box);
  if (files.length === 0) return null;
  return (
    <ul className={classes.list} aria-label="Attached files">
      {files.map((file) => (
        <Item
          key={file.id}
          file={file}
          onRemove={() => {
            removeFile(box, file.id);
            onRemoved();
          }}
        />
      ))}
    </ul>
  );
}

function Item({ file: draft, onRemove }: { file: DraftFile; onRemove: () => void }): ReactElement {
  const { name, bytes, file, error } = draft;
  const stored = usePicture(file?.file_id ?? '', draft.preview === null && file !== null && isPicture(file));
  const picture = draft.preview ?? stored.data ?? null;
  const isBusy = file === null && error === null;
  const showsPicture = picture !== null && error === null;
  return (
    <li
      className={classes.item}
      data-picture={showsPicture || undefined}
      data-error={error !== null || undefined}
      title={name}
    >
      {showsPicture ? (
        <img className={classes.picture} src={picture} alt={name} data-busy={isBusy} />
      ) : (
        <Words name={name} facts={error ?? formatBytes(bytes)} isBusy={isBusy} isError={error !== null} />
      )}
      {showsPicture && isBusy && <Loader size={16} aria-label={`Uploading ${name}`} />}
      <IconButton
        label={`Remove ${name}`}
        className={classes.remove}
        size={24}
        radius="xl"
        onClick={onRemove}
      >
        <IconX size={14} stroke={2} />
      </IconButton>
    </li>
  );
}

interface WordsProps {
  name: string;
  facts: string;
  isBusy: boolean;
  isError: boolean;
}

function Words({ name, facts, isBusy, isError }: WordsProps): ReactElement {
  return (
    <>
      {isBusy ? (
        <Loader size={18} aria-label={`Uploading ${name}`} />
      ) : (
        <IconFile size={20} stroke={1.6} aria-hidden />
      )}
      <span className={classes.words}>
        <bdi className={classes.name}>{name}</bdi>
        <span className={classes.facts} role={isError ? 'alert' : undefined}>
          {facts}
        </span>
      </span>
    </>
  );
}

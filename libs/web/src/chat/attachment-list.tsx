import type { Attachment } from '@reprise/client';
import { modals } from '@mantine/modals';
import { IconFile } from '@tabler/icons-react';
import { useRef, type ReactElement } from 'react';
import { isPicture, saveFile, usePicture } from '../api/files.js';
import { formatBytes } from '../ui/format.js';
import { notifyError } from '../ui/notify.js';
import { useSeen } from '../ui/use-seen.js';
import classes from './attachments.module.css';

/** The files that a question was sent with. */
export function AttachmentList({ files }: { files: readonly Attachment[] }): ReactElement | null {
  if (files.length === 0) return null;
  return (
    <ul className={`${classes.list ?? ''} ${classes.large ?? ''}`} aria-label="Files of this message">
      {files.map((file) => (
        <li key={file.file_id}>
          <Item file={file} />
        </li>
      ))}
    </ul>
  );
}

function Item({ file }: { file: Attachment }): ReactElement {
  const box = useRef<HTMLButtonElement>(null);
  const isSeen = useSeen(box);
  const { data: picture, error } = usePicture(file.file_id, isSeen && isPicture(file));
  if (picture !== undefined)
    return (
      <button
        type="button"
        className={classes.item}
        data-picture
        aria-label={`Show ${file.name}`}
        onClick={() => {
          show(file, picture);
        }}
      >
        <img className={classes.picture} src={picture} alt="" />
      </button>
    );
  return (
    <button
      ref={box}
      type="button"
      className={classes.item}
      aria-label={`Save ${file.name}`}
      onClick={() => {
        saveFile(file).catch((reason: unknown) => {
          notifyError(`${file.name} could not be saved`, reason);
        });
      }}
    >
      <IconFile size={20} stroke={1.6} aria-hidden />
      <span className={classes.words}>
        <bdi className={classes.name}>{file.name}</bdi>
        <span className={classes.facts}>{error ? 'No longer there' : formatBytes(file.bytes)}</span>
      </span>
    </button>
  );
}

function show({ name }: Attachment, picture: string): void {
  modals.open({
    title: name,
    size: 'auto',
    centered: true,
    children: (
      <img src={picture} alt={name} style={{ display: 'block', maxWidth: '100%', maxHeight: '75vh' }} />
    ),
  });
}

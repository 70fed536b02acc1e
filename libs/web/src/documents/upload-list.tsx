import { Button, Loader, Progress } from '@mantine/core';
import { IconAlertCircle, IconCircleCheck, IconClock, IconCopyOff } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { formatBytes } from '../ui/format.js';
import { clearUploads, uploadAgain, type Upload } from './uploads.js';
import classes from './documents.module.css';

/** What {@link UploadList} takes. */
export interface UploadListProps {
  uploads: readonly Upload[];
  onAdded: () => void;
}

/** The files of this visit and what became of them. */
export function UploadList({ uploads, onAdded }: UploadListProps): ReactElement | null {
  if (uploads.length === 0) return null;
  const open = uploads.filter(({ state }) => ['waiting', 'reading', 'sending'].includes(state)).length;
  return (
    <section className={classes.uploads} aria-label="Uploads">
      <header>
        <h2 role="status">{open > 0 ? `Adding ${open} of ${uploads.length}` : 'Uploads'}</h2>
        <Button
          size="compact-xs"
          variant="subtle"
          color="gray"
          disabled={open === uploads.length}
          onClick={clearUploads}
        >
          Clear
        </Button>
      </header>
      <ul>
        {uploads.map((upload) => (
          <UploadRow key={upload.id} upload={upload} onAdded={onAdded} />
        ))}
      </ul>
    </section>
  );
}

function UploadRow({ upload, onAdded }: { upload: Upload; onAdded: () => void }): ReactElement {
  const { id, name, size, state, progress, error, canRetry } = upload;
  return (
    <li className={classes.upload} data-state={state}>
      <UploadIcon state={state} />
      <span className={classes.uploadName} title={name}>
        {name}
      </span>
      <span className={classes.uploadSize}>{formatBytes(size)}</span>
      <span className={classes.uploadWord}>{WORDS[state]}</span>
      {state === 'reading' && (
        <Progress
          className={classes.uploadBar ?? ''}
          size={3}
          value={Math.max(4, progress * 100)}
          aria-label={`Reading ${name}`}
        />
      )}
      {error !== null && (
        <div className={classes.uploadError}>
          <span>{error}</span>
          {canRetry && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                uploadAgain(id, state === 'duplicate', onAdded);
              }}
            >
              {state === 'duplicate' ? 'Add anyway' : 'Try again'}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

const WORDS: Record<Upload['state'], string> = {
  waiting: 'Waiting',
  reading: 'Reading',
  sending: 'Adding',
  done: 'Added',
  failed: 'Not added',
  duplicate: 'Skipped',
};

function UploadIcon({ state }: { state: Upload['state'] }): ReactElement {
  const look = { size: 17, stroke: 1.7, 'aria-hidden': true };
  if (state === 'done') return <IconCircleCheck {...look} />;
  if (state === 'failed') return <IconAlertCircle {...look} />;
  if (state === 'duplicate') return <IconCopyOff {...look} />;
  if (state === 'waiting') return <IconClock {...look} />;
  return <Loader size={15} aria-hidden />;
}

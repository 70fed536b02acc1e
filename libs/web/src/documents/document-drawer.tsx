import { Drawer, Loader } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useDocument } from '../api/documents.js';
import { formatCount, formatTime } from '../ui/format.js';
import { LoadError } from '../ui/load-error.js';
import classes from './documents.module.css';

/** The text of one document. */
export function DocumentDrawer({ id, onClose }: { id: string | null; onClose: () => void }): ReactElement {
  // While the drawer slides out, it keeps showing the same document.
  const [shown, setShown] = useState(id);
  if (id !== null && id !== shown) setShown(id);
  const { data, error, refetch } = useDocument(shown);
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      position="right"
      size="xl"
      title={
        <span className={classes.drawerTitle} dir="auto">
          {data?.title ?? 'Document'}
        </span>
      }
    >
      {error && <LoadError error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loader size="sm" m="xl" aria-label="Loading" />}
      {data && (
        <>
          <p className={classes.drawerFacts}>
            {formatCount(data.characters)} characters · {formatTime(data.created_at)}
          </p>
          <pre className={classes.content} tabIndex={0} dir="auto">
            {data.content}
          </pre>
        </>
      )}
    </Drawer>
  );
}

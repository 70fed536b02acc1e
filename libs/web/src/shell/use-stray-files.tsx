import { notifications } from '@mantine/notifications';
import { useEffect, type ReactElement } from 'react';
import { useLocation } from 'wouter';

const NOTICE = 'stray-files';

/** A file that is dropped or pasted where no file belongs is not ignored, and does not take the page away. */
export function useStrayFiles(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const say = (): void => {
      notifications.show({
        id: NOTICE,
        title: 'Files and pictures are not sent with messages',
        message: (
          <Words
            onOpen={() => {
              notifications.hide(NOTICE);
              navigate('/documents');
            }}
          />
        ),
        autoClose: 12_000,
      });
    };
    const onDragOver = (event: DragEvent): void => {
      if (hasFiles(event.dataTransfer) && !event.defaultPrevented) event.preventDefault();
    };
    const onDrop = (event: DragEvent): void => {
      if (!hasFiles(event.dataTransfer) || event.defaultPrevented) return;
      event.preventDefault(); // the browser would open the file in place of the page
      say();
    };
    const onPaste = ({ clipboardData }: ClipboardEvent): void => {
      // Copied from an office program, a text comes with its picture: the text is what is meant.
      if (hasFiles(clipboardData) && clipboardData?.getData('text/plain') === '') say();
    };
    window.addEventListener('dragover', onDragOver);
    window.addEventListener('drop', onDrop);
    window.addEventListener('paste', onPaste);
    return () => {
      window.removeEventListener('dragover', onDragOver);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('paste', onPaste);
    };
  }, [navigate]);
}

function Words({ onOpen }: { onOpen: () => void }): ReactElement {
  return (
    <>
      Add text, Markdown or PDF under{' '}
      <a
        href="/documents"
        onClick={(event) => {
          event.preventDefault();
          onOpen();
        }}
      >
        Documents
      </a>
      : answers draw on them at once. Pictures cannot be read.
    </>
  );
}

function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}

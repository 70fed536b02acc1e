import { notifications } from '@mantine/notifications';
import { useEffect, type ReactElement } from 'react';
import { useLocation } from 'wouter';

const NOTICE = 'stray-files';

/**
 * A file dropped or pasted where no file belongs is not silently ignored, and does not navigate away from the page.
 */
export function useStrayFiles(): void {
  const [, navigate] = useLocation();
  useEffect(() => {
    const say = (): void => {
      notifications.show({
        id: NOTICE,
        title: 'Files do not belong here',
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
    const onPaste = ({ clipboardData, defaultPrevented }: ClipboardEvent): void => {
      if (defaultPrevented) return;
      // Text copied from an office program comes with an image of it: the text is what is meant.
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
      : agents can use them at once. Or open a chat, and attach files to a message.
    </>
  );
}

function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}

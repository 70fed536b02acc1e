import { IconPaperclip } from '@tabler/icons-react';
import { useRef, type ReactElement } from 'react';
import { IconButton } from '../ui/icon-button.js';
import { offerFiles } from './use-offered-files.js';

/** What the server takes; it decides by the bytes. */
const ACCEPTED =
  'image/png,image/jpeg,image/gif,image/webp,application/pdf,text/*,.md,.csv,.json,.log,.yaml,.yml';

/** What {@link AttachButton} takes. */
export interface AttachButtonProps {
  /** The input box, see `draft-files`. */
  box: string;
  onPicked: () => void;
}

/** Opens the list of files on this device. */
export function AttachButton({ box, onPicked }: AttachButtonProps): ReactElement {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <IconButton label="Attach files" size={34} radius="xl" onClick={() => input.current?.click()}>
        <IconPaperclip size={18} stroke={1.8} />
      </IconButton>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        aria-label="Files to attach"
        onChange={(event) => {
          const { files } = event.currentTarget;
          if (files && files.length > 0) offerFiles(box, [...files]);
          event.currentTarget.value = ''; // the same file can be picked again
          onPicked();
        }}
      />
    </>
  );
}

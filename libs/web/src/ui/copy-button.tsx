import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import { copyText } from './clipboard.js';
import { notifyError } from './notify.js';
import { IconButton } from './icon-button.js';

const THANKS_MS = 1500;

/** Copies a text and confirms it briefly. */
export function CopyButton({ text, label }: { text: string | (() => string); label: string }): ReactElement {
  const [isCopied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    try {
      await copyText(typeof text === 'string' ? text : text());
      setCopied(true);
      setTimeout(() => {
        setCopied(false);
      }, THANKS_MS);
    } catch (error) {
      notifyError('Could not copy', error);
    }
  };
  return (
    <IconButton label={isCopied ? 'Copied' : label} size={28} onClick={() => void copy()}>
      {isCopied ? <IconCheck size={16} stroke={1.8} /> : <IconCopy size={16} stroke={1.8} />}
    </IconButton>
  );
}

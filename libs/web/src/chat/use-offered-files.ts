import { useEffect, type RefObject } from 'react';
import { notifyError } from '../ui/notify.js';
import { addFiles } from './draft-files.js';

/** Adds files to an input box, and says so if they are too many. */
export function offerFiles(box: string, files: readonly File[]): void {
  const left = addFiles(box, files);
  if (left > 0)
    notifyError('Too many files', new Error(`A message can have 10 files: ${left} of these were left out.`));
}

/** Takes the files that are dropped on the page, or pasted, into an input box. */
export function useOfferedFiles(element: RefObject<HTMLElement | null>, box: string): void {
  useEffect(() => {
    const mark = (isOver: boolean): void => {
      element.current?.toggleAttribute('data-dropping', isOver);
    };
    const onDragOver = (event: DragEvent): void => {
      if (!hasFiles(event.dataTransfer) || event.defaultPrevented) return;
      event.preventDefault();
      mark(true);
    };
    const onDragLeave = ({ relatedTarget }: DragEvent): void => {
      if (relatedTarget === null) mark(false); // it left the window
    };
    const onDrop = (event: DragEvent): void => {
      mark(false);
      if (!hasFiles(event.dataTransfer) || event.defaultPrevented) return;
      event.preventDefault(); // the browser would open the file in place of the page
      offerFiles(box, [...(event.dataTransfer?.files ?? [])]);
    };
    const onPaste = (event: ClipboardEvent): void => {
      const { clipboardData: data } = event;
      // Text copied from an office program comes with an image of it: the text is what is meant.
      if (event.defaultPrevented || !hasFiles(data) || data?.getData('text/plain') !== '') return;
      event.preventDefault();
      offerFiles(box, [...data.files]);
    };
    // Before the page says that files do not belong there.
    document.addEventListener('dragover', onDragOver);
    document.addEventListener('dragleave', onDragLeave);
    document.addEventListener('drop', onDrop);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('dragover', onDragOver);
      document.removeEventListener('dragleave', onDragLeave);
      document.removeEventListener('drop', onDrop);
      document.removeEventListener('paste', onPaste);
    };
  }, [element, box]);
}

function hasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') === true;
}

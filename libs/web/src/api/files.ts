import type { Attachment, UploadedFile } from '@reprise/client';
import { useQuery, type UseQueryResult } from '@tanstack/react-query';
import { reprise, userId } from './reprise.js';

const keys = { picture: (fileId: string) => ['picture', fileId] as const };

/** Uploads a file of the user, to send a message with. */
export function uploadFile(file: Blob, name: string, signal: AbortSignal): Promise<UploadedFile> {
  return reprise.uploadFile({ userId, file, name, signal });
}

/** Whether a file can be shown as a picture. */
export function isPicture({ media_type }: Pick<Attachment, 'media_type'>): boolean {
  return media_type.startsWith('image/');
}

/** An uploaded picture as a `data:` address: the page's policy allows no other, and requests may need a login. */
export function usePicture(fileId: string, isWanted: boolean): UseQueryResult<string> {
  return useQuery({
    queryKey: keys.picture(fileId),
    queryFn: async ({ signal }) => dataUrl(await reprise.downloadFile(fileId, { signal })),
    enabled: isWanted,
    staleTime: Infinity, // a file never changes
    retry: false,
  });
}

/** Saves a file where the browser saves files. */
export async function saveFile({ file_id, name }: Attachment): Promise<void> {
  const address = URL.createObjectURL(await reprise.downloadFile(file_id));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser has read it by the next task.
  setTimeout(() => {
    URL.revokeObjectURL(address);
  });
}

/** The bytes of a file as an address. */
export function dataUrl(file: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => {
      resolve(typeof reader.result === 'string' ? reader.result : '');
    };
    reader.onerror = () => {
      reject(reader.error ?? new Error('The file cannot be read.'));
    };
    reader.readAsDataURL(file);
  });
}

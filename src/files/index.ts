export { toAttachment, type Attachment } from './attachment.js';
export { AttachedFiles, type ChatOfFiles } from './attached-files.js';
export { FileArchive, type ArchivedFile } from './file-archive.js';
export { FILE, FILE_PART, type FilePart, type StoredFile } from './file.schema.js';
export { FileSweep } from './file-sweep.js';
export { FilesModule } from './files.module.js';
export { FilesService, type NewFile } from './files.service.js';
export { READ_ATTACHMENT } from './read-attachment.tool.js';

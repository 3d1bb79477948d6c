import { writeSync } from 'node:fs';

/** Says at the end of a process how much memory it had at most: given by `--import`, in KiB. */
process.on('exit', () => writeSync(1, `peak ${process.resourceUsage().maxRSS} KiB\n`));

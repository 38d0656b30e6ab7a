-- For the problems of the status: files that are enqueued again after a failure, however many others wait.
CREATE INDEX files_failing ON files (file) WHERE state = 'listed' AND reason IS NOT NULL;

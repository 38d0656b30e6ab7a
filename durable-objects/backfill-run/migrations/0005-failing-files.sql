-- for the problems of the status: files that are offered again because of a failure, however many others wait
CREATE INDEX files_failing ON files (file) WHERE state = 'listed' AND reason IS NOT NULL;

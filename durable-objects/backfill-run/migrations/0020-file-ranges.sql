-- The files whose range lies near an instant, for the search for one RayID.
CREATE INDEX files_by_range ON files (range_start, range_end);

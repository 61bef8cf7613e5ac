module terrarium/lab/tlab

go 1.24.0

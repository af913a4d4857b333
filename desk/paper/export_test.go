package paper

var ReadAnswer = readAnswer
